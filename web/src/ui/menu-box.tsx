/** What a menu is made of. It is much, and nothing of it is seen before one opens: `menu.tsx` fetches it then. */
import { DropdownMenu as Radix } from "radix-ui";
import { useEffect, useRef } from "react";

import { Parts, type MenuItemProps, type MenuProps } from "./menu";

interface BoxProps extends MenuProps {
  /** It was opened by a key, which leads to its first item. */
  isByKey: boolean;
}

export default function MenuBox({ trigger, align = "end", isByKey, children }: BoxProps) {
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isByKey) return;
    // Radix leads there by itself when it has seen the key, and to the menu else: a frame later, so that this is the last word.
    const frame = requestAnimationFrame(() => content.current?.querySelector<HTMLElement>("[role=menuitem]:not([data-disabled])")?.focus());
    return () => cancelAnimationFrame(frame);
  }, [isByKey]);
  return (
    <Radix.Root defaultOpen>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          ref={content}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-[70dvh] min-w-48 overflow-y-auto rounded-lg border border-control bg-card p-1 shadow-xl"
        >
          <Parts value={PARTS}>{children}</Parts>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const PARTS = {
  Item: ({ onSelect, disabled, isDanger = false, children }: MenuItemProps) => (
    <Radix.Item
      onSelect={onSelect}
      disabled={disabled ?? false}
      className={`target flex items-center gap-2 rounded px-3 text-sm outline-none data-[disabled]:opacity-55 data-[highlighted]:bg-raised ${isDanger ? "text-danger" : ""}`}
    >
      {children}
    </Radix.Item>
  ),
  Label: Radix.Label,
  Line: Radix.Separator,
};

/** A menu at a button. Until it is opened for the first time there is the button alone. */
import { cloneElement, createContext, lazy, Suspense, use, useState, type ComponentType, type KeyboardEvent, type MouseEvent, type ReactElement, type ReactNode } from "react";

const Box = lazy(() => import("./menu-box"));

export interface MenuProps {
  /** One button. */
  trigger: ReactElement<Record<string, unknown>>;
  children: ReactNode;
  align?: "start" | "end";
}

export interface MenuItemProps {
  onSelect: () => void;
  disabled?: boolean | undefined;
  isDanger?: boolean;
  children: ReactNode;
}

export function Menu(props: MenuProps) {
  const [opened, open] = useState<"press" | "key" | null>(null);
  if (opened)
    return (
      <Suspense fallback={props.trigger}>
        <Box {...props} isByKey={opened === "key"} />
      </Suspense>
    );
  return cloneElement(props.trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onClick: ({ detail }: MouseEvent) => open(detail === 0 ? "key" : "press"),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      open("key");
    },
  });
}

interface MenuParts {
  Item: ComponentType<MenuItemProps>;
  Label: ComponentType<{ className: string; children: ReactNode }>;
  Line: ComponentType<{ className: string }>;
}

/** What an open menu's lines are made of. */
export const Parts = createContext<MenuParts | null>(null);

function useParts(): MenuParts {
  const parts = use(Parts);
  if (!parts) throw new Error("lines of a menu stand in a Menu");
  return parts;
}

export function MenuItem(props: MenuItemProps) {
  const { Item } = useParts();
  return <Item {...props} />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  const { Label } = useParts();
  return <Label className="px-3 py-1.5 text-xs text-muted">{children}</Label>;
}

export function MenuLine() {
  const { Line } = useParts();
  return <Line className="my-1 h-px bg-line" />;
}

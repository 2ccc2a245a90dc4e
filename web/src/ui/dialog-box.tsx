/** What a dialog is made of. It is much, and nothing of it is seen before one opens: `dialog.tsx` fetches it then. */
import { clsx } from "clsx";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";

import { IconButton } from "./button";
import type { DialogProps } from "./dialog";

interface BoxProps extends DialogProps {
  /** Puts the focus back to where it was. */
  giveBack: (event: Event) => void;
}

export default function DialogBox({ isOpen, onClose, title, lead, isWide = false, giveBack, children }: BoxProps) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/60" />
        <Radix.Content
          {...(lead ? {} : { "aria-describedby": undefined })}
          onCloseAutoFocus={giveBack}
          className={clsx(
            "fixed inset-x-0 bottom-0 z-50 max-h-[92dvh] overflow-y-auto rounded-t-xl border bg-card p-4 pb-[max(1rem,env(safe-area-inset-bottom))] shadow-2xl",
            "sm:inset-auto sm:top-1/2 sm:left-1/2 sm:w-[calc(100vw-2rem)] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-xl sm:p-6",
            isWide ? "sm:max-w-4xl" : "sm:max-w-lg",
          )}
        >
          <div className="mb-4 flex items-start justify-between gap-4">
            <div className="min-w-0">
              <Radix.Title className="text-lg font-semibold wrap-anywhere">{title}</Radix.Title>
              {lead && <Radix.Description className="text-muted">{lead}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" icon={<X size={18} />} />
            </Radix.Close>
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

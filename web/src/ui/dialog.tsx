/** Dialogs: in the middle of wide screens, at the lower edge of phones. They trap the focus and give it back. */
import { clsx } from "clsx";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";

import { Button, IconButton } from "./button";
import { useReturnFocus } from "./return-focus";

interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: ReactNode;
  lead?: ReactNode;
  isWide?: boolean;
  children: ReactNode;
}

export function Dialog({ isOpen, onClose, title, lead, isWide = false, children }: DialogProps) {
  const giveBack = useReturnFocus(isOpen);
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

interface ConfirmProps {
  isOpen: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: string;
  /** What it does and what it leaves. */
  children: ReactNode;
  /** The verb: "Delete roster". */
  action: string;
  isDanger?: boolean;
  isBusy?: boolean;
}

export function Confirm({ isOpen, onClose, onConfirm, title, children, action, isDanger = false, isBusy = false }: ConfirmProps) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={title}>
      <div className="text-muted">{children}</div>
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button look={isDanger ? "danger" : "ack"} onClick={onConfirm} isBusy={isBusy}>
          {action}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}

/** The row at a dialog's end. */
export function DialogButtons({ children }: { children: ReactNode }) {
  return <div className="mt-6 flex flex-wrap justify-end gap-2">{children}</div>;
}

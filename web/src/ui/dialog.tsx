/** Dialogs: in the middle of wide screens, at the lower edge of phones. They trap the focus and give it back. */
import { lazy, Suspense, useRef, type ReactNode } from "react";

import { Button } from "./button";
import { useReturnFocus } from "./return-focus";

const Box = lazy(() => import("./dialog-box"));

export interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: ReactNode;
  lead?: ReactNode;
  isWide?: boolean;
  children: ReactNode;
}

/** Nothing before it opens for the first time; from then on it stays, to close in order. */
export function Dialog(props: DialogProps) {
  const giveBack = useReturnFocus(props.isOpen);
  const wasOpen = useRef(false);
  wasOpen.current ||= props.isOpen;
  if (!wasOpen.current) return null;
  return (
    <Suspense fallback={null}>
      <Box {...props} giveBack={giveBack} />
    </Suspense>
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

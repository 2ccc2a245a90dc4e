import { useState, type ReactNode } from "react";

import { Button } from "@/ui/button";
import { Confirm, Dialog, DialogButtons } from "@/ui/dialog";
import { FormError } from "@/ui/field";

interface FormDialogProps {
  title: string;
  lead?: string;
  action: string;
  isDirty: boolean;
  isBusy: boolean;
  failure: Error | null;
  notice: ReactNode;
  onSubmit: (event: { preventDefault: () => void }) => void;
  onClose: () => void;
  children: ReactNode;
}

/** A form in a dialog. Closing it with something typed asks first. */
export function FormDialog({ title, lead, action, isDirty, isBusy, failure, notice, onSubmit, onClose, children }: FormDialogProps) {
  const [isAsking, setAsking] = useState(false);
  const close = () => (isDirty ? setAsking(true) : onClose());
  return (
    <Dialog isOpen onClose={close} title={title} {...(lead ? { lead } : {})} isWide>
      <form onSubmit={onSubmit} noValidate className="grid gap-4">
        {notice}
        {children}
        <FormError error={failure} />
        <DialogButtons>
          <Button onClick={close}>Cancel</Button>
          <Button look="ack" type="submit" isBusy={isBusy}>
            {action}
          </Button>
        </DialogButtons>
      </form>
      <Confirm isOpen={isAsking} onClose={() => setAsking(false)} onConfirm={onClose} title="Close without saving?" action="Close" isDanger>
        What you typed here is not saved, and is lost when you close it.
      </Confirm>
    </Dialog>
  );
}

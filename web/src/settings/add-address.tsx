import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { Problem } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { CheckField, FormError, SelectField, TextField } from "@/ui/field";
import { toast } from "@/ui/toast";

import { KINDS, WRITTEN, type WrittenKind } from "./kinds";
import { addAddress, refreshAddresses, sendCode } from "./queries";

/** A new address; to one of one's own a code goes at once, unless a manager vouches for it. */
export function AddAddress({ userId, name, onClose }: { userId: string; name: string | null; onClose: () => void }) {
  const isManager = may(useMe(), "manager");
  const [kind, setKind] = useState<WrittenKind>("phone");
  const [isVouched, setVouched] = useState(false);
  const sendsCode = name === null && !isVouched;
  const add = useMutation({
    mutationFn: (address: string) => addAddress(userId, { kind, address }, isVouched),
    onSuccess: async (made) => {
      onClose();
      if (sendsCode) await sendCode(userId, made.id).then(() => toast.done("Added. Type the code that arrives there."), (error: Error) => toast.failed(`Added, but no code was sent: ${error.message}`));
      else toast.done(made.is_verified ? "Added. Send a test page to see that it arrives." : `Added. ${name} proves it under Settings.`);
      await refreshAddresses(userId);
    },
  });
  const wrong = add.error instanceof Problem ? add.error.fields.find((each) => each.field.includes("address"))?.reason : undefined;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    add.mutate(String(new FormData(event.currentTarget).get("address")).trim());
  };
  return (
    <Dialog isOpen onClose={onClose} title={name === null ? "Add an address" : `Add an address of ${name}`}>
      <form onSubmit={submit} className="grid gap-4">
        <SelectField label="Way" value={kind} onChange={(event) => setKind(event.target.value as WrittenKind)}>
          {(Object.keys(WRITTEN) as WrittenKind[]).map((each) => (
            <option key={each} value={each}>
              {KINDS[each]}
            </option>
          ))}
        </SelectField>
        <TextField label="Address" name="address" required hint={WRITTEN[kind].hint} error={wrong} autoComplete="off" />
        {isManager && <CheckField label="It is verified" checked={isVouched} onChange={(event) => setVouched(event.target.checked)} hint={name === null ? "You know that this address is yours: no code is sent." : "You know that this address is theirs."} />}
        {sendsCode && <p className="text-muted">{WRITTEN[kind].brings} It proves that pages reach you.</p>}
        {!wrong && <FormError error={add.error} />}
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="ack" type="submit" isBusy={add.isPending}>
            {sendsCode ? "Add and send a code" : "Add"}
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

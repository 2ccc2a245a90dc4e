/** What every change of who is on call ends with: the server's preview, then save or cancel, and Undo after it. */
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { serverNow } from "@/time/clock";
import { Button, type ButtonLook } from "@/ui/button";
import { DialogButtons } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { toast } from "@/ui/toast";

import { applyEdits, spanOfEdits, type Edit } from "./edits";
import { Outdated } from "./outdated";
import { PreviewOf } from "./preview-view";
import { isOutdated, restOf } from "./problems";
import { forgetRosters, type PreviewOrder, type RosterDetail } from "./queries";
import { saveEdits, undoEdits } from "./save-edits";
import { DAY } from "./zones";

/** So long before and after a change is shown. */
export const AROUND = 7 * DAY;

/** Says what was saved. `undo` takes it back, or throws why not. */
export function sayDone(said: string, undo: (() => Promise<unknown>) | undefined): void {
  void forgetRosters();
  const takeBack = () =>
    void undo?.().then(
      () => {
        void forgetRosters();
        toast.done("Undone.");
      },
      (error: unknown) => toast.failed(`Not undone: ${error instanceof Error ? error.message : String(error)}`),
    );
  toast.done(said, undo && takeBack);
}

/** Saves edits; a toast offers to undo them. */
export function useSaveEdits(roster: RosterDetail, etag: string | null, onDone: () => void) {
  return useMutation({
    mutationFn: ({ edits }: { edits: readonly Edit[]; said: string }) => saveEdits(roster, etag, edits),
    onSuccess: (undo, { said }) => {
      onDone();
      sayDone(said, () => undoEdits(roster.id, undo));
    },
  });
}

interface SaveFootProps {
  roster: RosterDetail;
  /** Null while what was entered is no change yet. */
  order: PreviewOrder | null;
  saving: { error: Error | null; isPending: boolean; reset: () => void };
  onSave: () => void;
  onClose: () => void;
  /** Field names whose errors the form tells itself. */
  fields?: readonly string[];
  save?: string;
  look?: ButtonLook;
  isForbidden?: boolean;
  more?: ReactNode;
}

export function SaveFoot({ roster, order, saving, onSave, onClose, fields = [], save = "Save", look = "ack", isForbidden = false, more }: SaveFootProps) {
  const isOld = isOutdated(saving.error);
  const newest = () => void forgetRosters().then(() => saving.reset());
  return (
    <>
      {order && <PreviewOf rosterId={roster.id} zone={roster.timezone} order={order} />}
      {isOld ? <Outdated onNewest={newest} /> : <FormError error={restOf(saving.error, fields)} />}
      <DialogButtons>
        {more}
        <Button onClick={onClose}>Cancel</Button>
        {!isForbidden && (
          <Button look={look} isBusy={saving.isPending} disabled={!order} onClick={onSave}>
            {save}
          </Button>
        )}
      </DialogButtons>
    </>
  );
}

interface ChangeFootProps extends Omit<SaveFootProps, "order" | "saving" | "onSave"> {
  /** Null while what was entered is no change yet. */
  edits: readonly Edit[] | null;
  saving: ReturnType<typeof useSaveEdits>;
  said: string;
}

/** Of changes to overrides. */
export function ChangeFoot({ edits, saving, said, ...rest }: ChangeFootProps) {
  const [now] = useState(serverNow);
  const { overrides } = rest.roster;
  const order = edits && { ...spanOfEdits(overrides, edits, AROUND, now), overrides: applyEdits(overrides, edits) };
  return <SaveFoot {...rest} order={order} saving={saving} onSave={() => edits && saving.mutate({ edits, said })} />;
}

/** What every change of overrides ends with: the server's preview, then save or cancel, and Undo after it. */
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { serverNow } from "@/time/clock";
import { Button } from "@/ui/button";
import { DialogButtons } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { toast } from "@/ui/toast";

import { applyEdits, spanOfEdits, type Edit } from "./edits";
import { Outdated } from "./outdated";
import { PreviewOf } from "./preview-view";
import { isOutdated, restOf } from "./problems";
import { forgetRosters, type RosterDetail } from "./queries";
import { saveEdits, undoEdits } from "./save-edits";
import { DAY } from "./zones";

const AROUND = 7 * DAY;

/** Saves edits; a toast offers to undo them. */
export function useSaveEdits(roster: RosterDetail, etag: string | null, onDone: () => void) {
  return useMutation({
    mutationFn: ({ edits }: { edits: readonly Edit[]; said: string }) => saveEdits(roster, etag, edits),
    onSuccess: (undo, { said }) => {
      void forgetRosters();
      onDone();
      toast.done(said, () => {
        undoEdits(roster.id, undo).then(
          () => {
            void forgetRosters();
            toast.done("Undone.");
          },
          (error: unknown) => toast.failed(`Not undone: ${error instanceof Error ? error.message : String(error)}`),
        );
      });
    },
  });
}

interface ChangeFootProps {
  roster: RosterDetail;
  /** Null while what was entered is no change yet. */
  edits: readonly Edit[] | null;
  saving: ReturnType<typeof useSaveEdits>;
  said: string;
  onClose: () => void;
  /** Field names whose errors the form tells itself. */
  fields?: readonly string[];
  save?: string;
  isForbidden?: boolean;
  more?: ReactNode;
}

export function ChangeFoot({ roster, edits, saving, said, onClose, fields = [], save = "Save", isForbidden = false, more }: ChangeFootProps) {
  const [now] = useState(serverNow);
  const isOld = isOutdated(saving.error);
  const newest = () => void forgetRosters().then(() => saving.reset());
  return (
    <>
      {edits && <PreviewOf rosterId={roster.id} zone={roster.timezone} order={{ ...spanOfEdits(roster.overrides, edits, AROUND, now), overrides: applyEdits(roster.overrides, edits) }} />}
      {isOld ? <Outdated onNewest={newest} /> : <FormError error={restOf(saving.error, fields)} />}
      <DialogButtons>
        {more}
        <Button onClick={onClose}>Cancel</Button>
        {!isForbidden && (
          <Button look="ack" isBusy={saving.isPending} disabled={!edits} onClick={() => edits && saving.mutate({ edits, said })}>
            {save}
          </Button>
        )}
      </DialogButtons>
    </>
  );
}

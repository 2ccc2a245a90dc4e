/** Two people take each other's shifts: at once for those who plan, by asking for those whose shift it is. */
import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { client, read, type Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { serverNow } from "@/time/clock";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { FormError, TextField } from "@/ui/field";
import { Person } from "@/ui/person";
import { toast } from "@/ui/toast";

import { ChangeFoot, useSaveEdits } from "./change-dialog";
import { swapShifts } from "./edits";
import { forgetRosters, type RosterDetail, type Shift } from "./queries";
import { spanWords } from "./words";
import { iso } from "./zones";

interface SwapDialogProps {
  roster: RosterDetail;
  etag: string | null;
  give: Shift;
  take: Shift;
  onClose: () => void;
}

export function SwapDialog({ roster, etag, give, take, onClose }: SwapDialogProps) {
  const me = useMe();
  const [note, setNote] = useState("");
  const [now] = useState(serverNow);
  const edits = useMemo(() => swapShifts(give, take, roster.overrides, now), [give, take, roster.overrides, now]);
  const saving = useSaveEdits(roster, etag, onClose);
  const mayPlan = may(me, "manager");
  const [mine, theirs] = take.user.id === me.user_id ? [take, give] : [give, take];
  const mayAsk = mine.user.id === me.user_id && may(me, "engineer");
  const asking = useMutation({
    mutationFn: () => {
      const from = (shift: Shift) => iso(Math.max(Date.parse(shift.starts_at), now));
      const body: Schema["SwapOrder"] = { colleague_id: theirs.user.id, gives_from: from(mine), gives_until: mine.ends_at, takes_from: from(theirs), takes_until: theirs.ends_at, note };
      return read(client.POST("/api/v1/rosters/{roster_id}/swaps", { params: { path: { roster_id: roster.id } }, body }));
    },
    onSuccess: (swap) => {
      void forgetRosters();
      onClose();
      toast.done(`${swap.colleague.display_name} is asked. Nothing changes until they accept.`, () => {
        read(client.POST("/api/v1/rosters/{roster_id}/swaps/{swap_id}/withdraw", { params: { path: { roster_id: roster.id, swap_id: swap.id } } })).then(
          () => void forgetRosters(),
          (error: unknown) => toast.failed(`Not withdrawn: ${String(error)}`),
        );
      });
    },
  });
  const ask = mayAsk && (
    <Button look={mayPlan ? "neutral" : "ack"} isBusy={asking.isPending} onClick={() => asking.mutate()}>
      Ask {theirs.user.display_name}
    </Button>
  );
  return (
    <Dialog isOpen isWide onClose={onClose} title={`Swap: ${give.user.display_name} and ${take.user.display_name}`} lead={`Times in ${roster.timezone}.`}>
      <div className="grid gap-4">
        <dl className="grid gap-3 sm:grid-cols-2">
          {[
            [give, take.user] as const,
            [take, give.user] as const,
          ].map(([shift, next]) => (
            <div key={shift.starts_at} className="rounded-md border p-3">
              <dt className="mb-1 text-muted">{spanWords(Math.max(Date.parse(shift.starts_at), now), shift.ends_at, roster.timezone)}</dt>
              <dd className="flex flex-wrap items-center gap-2">
                <Person id={shift.user.id} name={shift.user.display_name} /> <span aria-label="becomes">→</span> <Person id={next.id} name={next.display_name} />
              </dd>
            </div>
          ))}
        </dl>
        {mayAsk && <TextField label="Note to your colleague (optional)" value={note} maxLength={1000} onChange={(event) => setNote(event.target.value)} />}
        <FormError error={asking.error} />
        <ChangeFoot roster={roster} edits={edits} saving={saving} said="Swapped." save="Swap now" isForbidden={!mayPlan} onClose={onClose} more={ask} />
      </div>
    </Dialog>
  );
}

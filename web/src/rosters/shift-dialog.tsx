/** One shift: whose it is and why, and what can be done with it without dragging. */
import { useState } from "react";

import { may, useMe } from "@/session/me";
import { serverNow } from "@/time/clock";
import { localZone } from "@/time/words";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SelectField } from "@/ui/field";

import { spanOf } from "./axis";
import { targetsOf } from "./grab";
import { LockChoice } from "./lock-choice";
import type { OverrideDraft } from "./override-dialog";
import type { RosterDetail, Shift } from "./queries";
import { spanWords } from "./words";

interface ShiftDialogProps {
  roster: RosterDetail;
  etag: string | null;
  shift: Shift;
  others: readonly Shift[];
  onOverride: (draft: OverrideDraft) => void;
  onSwap: (give: Shift, take: Shift) => void;
  onClose: () => void;
}

export function ShiftDialog({ roster, etag, shift, others, onOverride, onSwap, onClose }: ShiftDialogProps) {
  const me = useMe();
  const [now] = useState(serverNow);
  const mayPlan = may(me, "manager");
  const isMine = shift.user.id === me.user_id;
  const span = spanOf(shift);
  const isOver = span.end <= now;
  const start = Math.max(span.start, now);
  return (
    <Dialog isOpen isWide={mayPlan && !isOver} onClose={onClose} title={`Shift of ${shift.user.display_name}`} lead={spanWords(shift.starts_at, shift.ends_at, roster.timezone)}>
      <div className="grid gap-4">
        {roster.timezone !== localZone && <p className="text-muted">For you: {spanWords(shift.starts_at, shift.ends_at, localZone)}</p>}
        <p>{whyWords(shift, roster)}</p>
        {isOver && <p className="text-muted">This shift is over.</p>}
        {!isOver && (mayPlan || isMine) && <SwapChoice shift={shift} others={targetsOf(shift, others, now)} zone={roster.timezone} onSwap={onSwap} />}
        {!isOver && mayPlan && (
          <>
            <LockChoice roster={roster} etag={etag} shift={shift} onDone={onClose} />
            <Button onClick={() => onOverride({ start, end: span.end })}>Somebody else takes over</Button>
          </>
        )}
        {!mayPlan && !isMine && <p className="text-muted">Changing other people’s shifts needs the role manager.</p>}
      </div>
    </Dialog>
  );
}

function whyWords(shift: Shift, roster: RosterDetail): string {
  const from = shift.answered_by === roster.id ? "" : " It comes from a linked roster.";
  if (shift.source === "override") return `An override puts them on call.${from}`;
  if (shift.source === "pin") return `This turn is locked in for them.${from}`;
  if (shift.stands_in_for.length) return `They stand in for ${shift.stands_in_for.map((person) => person.display_name).join(" and ")}, who are away.${from}`;
  return `It is their turn in the rotation.${from}`;
}

function SwapChoice({ shift, others, zone, onSwap }: { shift: Shift; others: readonly Shift[]; zone: string; onSwap: (give: Shift, take: Shift) => void }) {
  const [chosen, setChosen] = useState("");
  const take = others.find((other) => other.starts_at === chosen);
  if (others.length === 0) return null;
  return (
    <div className="flex flex-wrap items-end gap-2">
      <SelectField label="Swap with" value={chosen} onChange={(event) => setChosen(event.target.value)} className="min-w-48 flex-1">
        <option value="">Choose a shift</option>
        {others.map((other) => (
          <option key={other.starts_at} value={other.starts_at}>
            {other.user.display_name}: {spanWords(other.starts_at, other.ends_at, zone)}
          </option>
        ))}
      </SelectField>
      <Button disabled={!take} onClick={() => take && onSwap(shift, take)}>
        Look at the swap
      </Button>
    </div>
  );
}

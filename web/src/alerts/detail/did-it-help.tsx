/** The question beside the known answer. The answer is counted with the press; a word why may follow. */
import { useQuery } from "@tanstack/react-query";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { useState, type FormEvent } from "react";

import type { Alert } from "@/alerts/act/commands";
import { vote } from "@/alerts/act/votes";
import { votesQuery } from "@/alerts/queries";
import type { Schema } from "@/api/client";
import { voteLine, type Said } from "@/knowledge/vote-words";
import { may, useMe } from "@/session/me";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Loaded } from "@/ui/panel";

const REASON_CHARACTERS = 200;

export function DidItHelp({ alert }: { alert: Alert }) {
  const votes = useQuery(votesQuery(alert.id));
  const me = useMe();
  return (
    <div className="grid gap-2 border-t pt-3">
      <Loaded query={votes} what="Who said whether it helped" lines={1}>
        {({ items, mine }) => (
          <>
            {may(me, "engineer") ? <Question alert={alert} mine={mine} /> : items.length === 0 && <p className="text-xs text-muted">Nobody has said yet whether this helped.</p>}
            <Others items={items.filter((each) => each.voter.id !== mine?.voter.id)} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Question({ alert, mine }: { alert: Alert; mine: Schema["Vote"] | null }) {
  const [isBusy, setBusy] = useState(false);
  // Busy buttons stay where they are for the keyboard; a second press does nothing.
  const say = async (now: Said | null) => {
    if (isBusy) return;
    setBusy(true);
    await vote(alert, mine, now);
    setBusy(false);
  };
  const press = (helped: boolean) => void (mine?.helped === helped ? say(null) : say({ helped, reason: null }));
  return (
    <>
      <div role="group" aria-label="Did this help?" className="flex flex-wrap items-center gap-2">
        <span className="font-medium">Did this help?</span>
        <Button aria-pressed={mine?.helped === true} aria-busy={isBusy} className="aria-pressed:border-ok aria-pressed:text-ok" onClick={() => press(true)}>
          <ThumbsUp size={16} aria-hidden /> Yes
        </Button>
        <Button aria-pressed={mine?.helped === false} aria-busy={isBusy} className="aria-pressed:border-danger aria-pressed:text-danger" onClick={() => press(false)}>
          <ThumbsDown size={16} aria-hidden /> No
        </Button>
        {mine && <span className="text-xs text-muted">Press it again to take your answer back.</span>}
      </div>
      {mine && <Reason key={String(mine.helped)} mine={mine} isBusy={isBusy} onSay={(reason) => void say({ helped: mine.helped, reason })} />}
    </>
  );
}

function Reason({ mine, isBusy, onSay }: { mine: Said; isBusy: boolean; onSay: (reason: string) => void }) {
  const [reason, setReason] = useState(mine.reason ?? "");
  const isSaid = reason.trim() === (mine.reason ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isSaid) onSay(reason);
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <TextField label={mine.helped ? "What helped most? (optional)" : "What was wrong? (optional)"} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={REASON_CHARACTERS} className="min-w-0 flex-1 basis-56" />
      <Button type="submit" disabled={isSaid} isBusy={isBusy}>
        Save
      </Button>
    </form>
  );
}

function Others({ items }: { items: ReadonlyArray<Schema["Vote"]> }) {
  if (items.length === 0) return null;
  return (
    <ul aria-label="What others say" className="grid gap-0.5 text-xs text-muted">
      {items.map((each) => (
        <li key={`${each.voter.kind} ${each.voter.id}`} className="wrap-anywhere">
          {voteLine(each)}
        </li>
      ))}
    </ul>
  );
}

import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { client, Problem, read, type Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Absolute, Ago } from "@/time/time";
import { Button } from "@/ui/button";
import { Snippet } from "@/ui/copy";
import { Confirm } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Pill } from "@/ui/severity";
import { toast } from "@/ui/toast";

import { RejectedDrawing } from "./drawings";
import { deadLettersQuery } from "./queries";

type DeadLetter = Schema["DeadLetter"];

/** Messages that could not be handled, and handing them back. Admins see them: they hold what senders sent. */
export default function DeadLetters() {
  return may(useMe(), "admin") ? <Letters /> : <Panel title="Dead letters">Admins see the messages that could not be handled, and hand them back.</Panel>;
}

function Letters() {
  const letters = useInfiniteQuery(deadLettersQuery);
  const [chosen, setChosen] = useState<DeadLetter | null>(null);
  return (
    <Loaded
      query={letters}
      what="The dead letters"
      lines={6}
      isEmpty={(data) => data.pages[0]!.total === 0}
      empty={
        <Empty title="No dead letters" drawing={<RejectedDrawing />}>
          A message that can never be handled is kept here for 30 days, with the reason, until it is handed back.
        </Empty>
      }
    >
      {(data) => (
        <div className="grid gap-3">
          <p className="text-muted">{data.pages[0]!.total === 1 ? "1 message" : `${data.pages[0]!.total.toLocaleString("en-GB")} messages`} could not be handled. Mend the reason, then hand {data.pages[0]!.total === 1 ? "it" : "them"} back.</p>
          <ul className="grid gap-3">
            {data.pages.flatMap((page) => page.items).map((letter) => (
              <Letter key={letter.id} letter={letter} onReplay={() => setChosen(letter)} />
            ))}
          </ul>
          {letters.hasNextPage && (
            <Button className="justify-self-center" onClick={() => void letters.fetchNextPage()} isBusy={letters.isFetchingNextPage}>
              Show more
            </Button>
          )}
          {chosen && <ReplayDialog letter={chosen} onClose={() => setChosen(null)} />}
        </div>
      )}
    </Loaded>
  );
}

function Letter({ letter, onReplay }: { letter: DeadLetter; onReplay: () => void }) {
  return (
    <li className="grid min-w-0 gap-2 rounded-lg border bg-card p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Pill>{letter.stream}</Pill>
        <strong className="font-medium wrap-anywhere">{letter.reason}</strong>
        <span className="ml-auto flex items-center gap-3 text-muted">
          <Ago at={letter.buried_at} />
          <Button onClick={onReplay} aria-label={`Replay dead letter ${letter.number}`}>
            Replay
          </Button>
        </span>
      </div>
      {letter.body ? <Snippet text={letter.body} label={`Copy the text of dead letter ${letter.number}`} /> : <p className="text-muted">It is empty.</p>}
      <p className="text-xs text-muted wrap-anywhere">
        <Absolute at={letter.buried_at} /> · number {letter.number} · <code className="font-mono">{letter.subject}</code> {letter.place} · {letter.size_bytes.toLocaleString("en-GB")} bytes{letter.is_cut && ", of which the first 4,096 are shown"}
      </p>
    </li>
  );
}

function ReplayDialog({ letter, onClose }: { letter: DeadLetter; onClose: () => void }) {
  const cache = useQueryClient();
  const run = useMutation({
    mutationFn: () => read(client.POST("/api/v1/dead-letters/{letter_id}/replay", { params: { path: { letter_id: letter.id } } })),
    onSuccess: ({ outcome }) => {
      onClose();
      toast.done(outcome === "replayed" ? "Handed back. Where the reason still holds, it comes here again." : "Somebody has handed it back already.");
    },
    onError: (error) => {
      if (!(error instanceof Problem && error.isMissing)) return;
      onClose();
      toast.failed("It is no longer kept.");
    },
    onSettled: () => cache.invalidateQueries({ queryKey: deadLettersQuery.queryKey }),
  });
  return (
    <Confirm isOpen onClose={onClose} onConfirm={() => run.mutate()} title={`Replay dead letter ${letter.number}?`} action="Replay" isBusy={run.isPending}>
      <div className="grid gap-3">
        <p>
          It goes back to {letter.stream} as it came, and is handled once. Its reason was: <strong className="wrap-anywhere">{letter.reason}</strong>
        </p>
        <p>An alert in it opens now, and may page. The audit log keeps who replayed it.</p>
        <FormError error={run.error} />
      </div>
    </Confirm>
  );
}

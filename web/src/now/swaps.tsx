/** Requests to swap that wait for the reader, and answers to theirs. */
import { Link } from "@tanstack/react-router";

import { useSwapAnswer, useSwapSeen, verbsFor, VERB_LABELS } from "@/rosters/swap-answer";
import { spanWords } from "@/rosters/words";
import { useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { Button } from "@/ui/button";
import { FormError } from "@/ui/field";
import { Panel } from "@/ui/panel";

import type { Now } from "./queries";

type SwapOfMine = Now["swaps"][number];

export function Swaps({ swaps }: { swaps: readonly SwapOfMine[] }) {
  if (swaps.length === 0) return null;
  return (
    <Panel title={`Swaps (${swaps.length})`}>
      <ul className="grid gap-3">
        {swaps.map((swap) => (
          <li key={swap.id}>{swap.status === "open" ? <Asked swap={swap} /> : <Answered swap={swap} />}</li>
        ))}
      </ul>
    </Panel>
  );
}

const CARD = "grid gap-3 rounded-lg border p-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-center";

function Asked({ swap }: { swap: SwapOfMine }) {
  const me = useMe();
  const answer = useSwapAnswer();
  const verbs = verbsFor(swap, me).filter((verb) => verb !== "withdraw");
  return (
    <div className={`${CARD} border-accent bg-accent-soft`}>
      <div className="grid min-w-0 gap-1">
        <p className="font-medium">{swap.requester.display_name} asks you to take a shift</p>
        <Spans swap={swap} gives="You take" takes="You give" />
        {swap.note && <p className="text-muted wrap-anywhere">“{swap.note}”</p>}
        <FormError error={answer.error} />
      </div>
      {verbs.length > 0 ? (
        <div className="flex flex-wrap gap-2">
          {verbs.map((verb) => (
            <Button key={verb} look={verb === "accept" ? "ack" : "neutral"} isBusy={answer.isPending} onClick={() => answer.mutate({ swap, verb })} aria-label={`${VERB_LABELS[verb]} the request of ${swap.requester.display_name}`}>
              {VERB_LABELS[verb]}
            </Button>
          ))}
        </div>
      ) : (
        <p className="text-muted">Answering needs the role engineer.</p>
      )}
    </div>
  );
}

const ANSWERS: Record<Exclude<SwapOfMine["status"], "open">, (name: string) => string> = {
  accepted: (name) => `${name} accepted your request`,
  declined: (name) => `${name} declined your request: the shift stays yours`,
  withdrawn: (name) => `Your request to ${name} was withdrawn: the shift stays yours`,
};

function Answered({ swap }: { swap: SwapOfMine }) {
  const seen = useSwapSeen();
  if (swap.status === "open") return null;
  return (
    <div className={CARD}>
      <div className="grid min-w-0 gap-1">
        <p className="font-medium">
          {ANSWERS[swap.status](swap.colleague.display_name)}
          {swap.decided_at && (
            <span className="font-normal text-muted">
              , <Ago at={swap.decided_at} />
            </span>
          )}
        </p>
        {swap.status === "accepted" ? <Spans swap={swap} gives={`${swap.colleague.display_name} takes`} takes="You take" /> : <Spans swap={swap} gives="You wanted to give" takes="and to take" />}
        <FormError error={seen.error} />
      </div>
      <Button isBusy={seen.isPending} onClick={() => seen.mutate(swap)} aria-label={`I have seen the answer of ${swap.colleague.display_name}`}>
        Seen
      </Button>
    </div>
  );
}

function Spans({ swap, gives, takes }: { swap: SwapOfMine; gives: string; takes: string }) {
  return (
    <>
      <p>
        {gives} {spanWords(swap.gives_from, swap.gives_until, swap.timezone)},{" "}
        <Link to="/rosters/$rosterId" params={{ rosterId: swap.roster_id }} search={{ tab: "overrides" }} className="link wrap-anywhere">
          {swap.roster_name}
        </Link>
      </p>
      {swap.takes_from && swap.takes_until && (
        <p>
          {takes} {spanWords(swap.takes_from, swap.takes_until, swap.timezone)}
        </p>
      )}
    </>
  );
}

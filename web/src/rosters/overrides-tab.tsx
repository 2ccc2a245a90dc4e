import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { may, useMe } from "@/session/me";
import { serverNow } from "@/time/clock";
import { Button, buttonClass } from "@/ui/button";
import { FormError } from "@/ui/field";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Person } from "@/ui/person";
import { Pill } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";

import { spanOf } from "./axis";
import { useSaveEdits } from "./change-dialog";
import { SwapDrawing } from "./drawing";
import { freeHour } from "./grab";
import { OverrideDialog, type OverrideDraft } from "./override-dialog";
import { swapsQuery, type Swap } from "./queries";
import type { TabProps } from "./roster-page";
import { useSwapAnswer, verbsFor, VERB_LABELS } from "./swap-answer";
import { spanWords } from "./words";
import { HOUR } from "./zones";

export default function OverridesTab({ roster, etag }: TabProps) {
  const me = useMe();
  const swaps = useQuery(swapsQuery(roster.id));
  const [draft, setDraft] = useState<OverrideDraft | null>(null);
  const mayPlan = may(me, "manager");
  const saving = useSaveEdits(roster, etag, () => undefined);
  const start = () => freeHour(serverNow(), roster.overrides.map(spanOf), roster.timezone).start;
  return (
    <div className="grid gap-4">
      <Panel title="Swap requests">
        <Loaded
          query={swaps}
          what="The swap requests"
          isEmpty={(all) => all.length === 0}
          empty={
            <Empty
              title="No swap request"
              drawing={<SwapDrawing />}
              action={
                <Link to="/rosters/$rosterId" params={{ rosterId: roster.id }} className={buttonClass()}>
                  Open the schedule
                </Link>
              }
            >
              To ask for one, open your own shift on the schedule and choose the shift to swap with.
            </Empty>
          }
        >
          {(all) => <Inbox swaps={all} zone={roster.timezone} />}
        </Loaded>
      </Panel>
      <Panel title="Overrides that are not over" actions={mayPlan && <Button onClick={() => setDraft({ start: start(), end: start() + 8 * HOUR })}>New override</Button>}>
        <FormError error={saving.error} />
        {roster.overrides.length === 0 ? (
          <Empty title="No override">The rotation answers as it stands.</Empty>
        ) : (
          <Table caption="Overrides">
            <thead>
              <tr>
                <Th>Person</Th>
                <Th>When ({roster.timezone})</Th>
                <Th>Reason</Th>
                {mayPlan && <Th aria-label="Actions" />}
              </tr>
            </thead>
            <tbody>
              {roster.overrides
                .toSorted((a, b) => a.starts_at.localeCompare(b.starts_at))
                .map((override) => (
                  <tr key={override.id}>
                    <Td className="min-w-36">
                      <Person id={override.user.id} name={override.user.display_name} />
                    </Td>
                    <Td className="whitespace-nowrap">{spanWords(override.starts_at, override.ends_at, roster.timezone)}</Td>
                    <Td className="min-w-32 wrap-anywhere">{override.reason}</Td>
                    {mayPlan && (
                      <Td className="text-right whitespace-nowrap">
                        <Button look="quiet" aria-label={`Change the override of ${override.user.display_name}`} onClick={() => setDraft({ ...spanOf(override), override })}>
                          Change
                        </Button>
                        <Button look="danger" aria-label={`Take back the override of ${override.user.display_name}`} isBusy={saving.isPending} onClick={() => saving.mutate({ edits: [{ kind: "remove", id: override.id }], said: "Override taken back." })}>
                          Take back
                        </Button>
                      </Td>
                    )}
                  </tr>
                ))}
            </tbody>
          </Table>
        )}
      </Panel>
      {draft && <OverrideDialog rosterId={roster.id} draft={draft} onClose={() => setDraft(null)} />}
    </div>
  );
}

function Inbox({ swaps, zone }: { swaps: readonly Swap[]; zone: string }) {
  const me = useMe();
  const answer = useSwapAnswer();
  const open = swaps.filter((swap) => swap.status === "open");
  const decided = swaps.filter((swap) => swap.status !== "open");
  return (
    <>
      <FormError error={answer.error} />
      <ul className="grid gap-3">
        {[...open, ...decided].map((swap) => (
          <li key={swap.id} className="flex flex-wrap items-center justify-between gap-3 border-t pt-3 first:border-t-0 first:pt-0">
            <div className="grid min-w-0 gap-1">
              <p className="flex flex-wrap items-center gap-2">
                <Pill className={swap.status === "open" ? "border-accent text-accent" : undefined}>{swap.status}</Pill>
                <Person id={swap.requester.id} name={swap.requester.display_name} /> asks <Person id={swap.colleague.id} name={swap.colleague.display_name} />
              </p>
              <p>to take {spanWords(swap.gives_from, swap.gives_until, zone)}</p>
              {swap.takes_from && swap.takes_until && <p>and gets {spanWords(swap.takes_from, swap.takes_until, zone)}</p>}
              {swap.note && <p className="text-muted wrap-anywhere">“{swap.note}”</p>}
            </div>
            <div className="flex flex-wrap gap-2">
              {verbsFor(swap, me).map((verb) => (
                <Button key={verb} look={verb === "accept" ? "ack" : "neutral"} isBusy={answer.isPending} onClick={() => answer.mutate({ swap, verb })}>
                  {VERB_LABELS[verb]}
                </Button>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

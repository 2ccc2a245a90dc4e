import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { client, read } from "@/api/client";
import { may, useMe } from "@/session/me";
import { serverNow } from "@/time/clock";
import { Button } from "@/ui/button";
import { FormError } from "@/ui/field";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Person } from "@/ui/person";
import { Pill } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";
import { toast } from "@/ui/toast";

import { spanOf } from "./axis";
import { useSaveEdits } from "./change-dialog";
import { freeHour } from "./grab";
import { OverrideDialog, type OverrideDraft } from "./override-dialog";
import { forgetRosters, swapsQuery, type Swap } from "./queries";
import type { TabProps } from "./roster-page";
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
          empty={<Empty title="No swap request">To ask for one, open your own shift on the schedule and choose the shift to swap with.</Empty>}
        >
          {(all) => <Inbox swaps={all} rosterId={roster.id} zone={roster.timezone} />}
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

const VERBS = { accept: "accepted", decline: "declined", withdraw: "withdrawn" } as const;
type Verb = keyof typeof VERBS;

function Inbox({ swaps, rosterId, zone }: { swaps: readonly Swap[]; rosterId: string; zone: string }) {
  const me = useMe();
  const answer = useMutation({
    mutationFn: ({ swap, verb }: { swap: Swap; verb: Verb }) => {
      const params = { params: { path: { roster_id: rosterId, swap_id: swap.id } } };
      if (verb === "accept") return read(client.POST("/api/v1/rosters/{roster_id}/swaps/{swap_id}/accept", params));
      if (verb === "decline") return read(client.POST("/api/v1/rosters/{roster_id}/swaps/{swap_id}/decline", params));
      return read(client.POST("/api/v1/rosters/{roster_id}/swaps/{swap_id}/withdraw", params));
    },
    onSuccess: (_, { verb }) => {
      void forgetRosters();
      toast.done(`The request is ${VERBS[verb]}.`);
    },
  });
  const verbsFor = (swap: Swap): Verb[] => {
    if (swap.status !== "open") return [];
    const isPlanner = may(me, "manager");
    const isAsked = isPlanner || (swap.colleague.id === me.user_id && may(me, "engineer"));
    const isAsking = isPlanner || (swap.requester.id === me.user_id && may(me, "engineer"));
    return [...(isAsked ? (["accept", "decline"] as const) : []), ...(isAsking ? (["withdraw"] as const) : [])];
  };
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
              {verbsFor(swap).map((verb) => (
                <Button key={verb} look={verb === "accept" ? "ack" : "neutral"} isBusy={answer.isPending} onClick={() => answer.mutate({ swap, verb })}>
                  {verb === "accept" ? "Accept" : verb === "decline" ? "Decline" : "Withdraw"}
                </Button>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

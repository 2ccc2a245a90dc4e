/** Who was told, who is next and when, and who after that. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { useAlertActions } from "@/alerts/act/actions";
import { isOpen, type Alert } from "@/alerts/act/commands";
import { ladderQuery } from "@/alerts/queries";
import { serverNow, useNow } from "@/time/clock";
import { Ago, Moment, NightThere, WithTimes } from "@/time/time";
import { moment, span } from "@/time/words";
import { Button } from "@/ui/button";
import { Loaded, Panel } from "@/ui/panel";
import { Person } from "@/ui/person";

import { DrainRing } from "./drain-ring";
import { capitalized, peopleOf, readOut, rungName, waitFrom, warningsOf, type Ladder as LadderOf, type Rung } from "./ladder-rungs";
import { channelName, pagingOf, plainly } from "./paging-words";
import { receiptOf, type ReceiptWords } from "./receipts";
import type { Verbs } from "./use-verbs";

const HOLD_MS = 10 * 60_000;

export function Ladder({ alert, verbs }: { alert: Alert; verbs: Verbs }) {
  const ladder = useQuery(ladderQuery(alert.id));
  const name = ladder.data?.policy_name;
  return (
    <Panel
      title="Escalation"
      actions={
        name && ladder.data?.policy_id ? (
          <Link to="/policies/$policyId" params={{ policyId: ladder.data.policy_id }} className="link text-xs">
            {name}, version {ladder.data.policy_version}
          </Link>
        ) : undefined
      }
    >
      <Loaded query={ladder} what="The ladder" lines={6}>
        {(data) => <Rungs ladder={data} alert={alert} />}
      </Loaded>
      {isOpen(alert) && <LadderButtons alert={alert} verbs={verbs} />}
    </Panel>
  );
}

function LadderButtons({ alert, verbs }: { alert: Alert; verbs: Verbs }) {
  const actions = useAlertActions();
  const offer = (verb: string) => verbs.offers.find((each) => each.verb === verb);
  const snooze = offer("snooze");
  return (
    <div className="mt-4 flex flex-wrap gap-2 border-t pt-4">
      {[offer("escalate"), offer("hand-over")].map(
        (each) =>
          each && (
            <Button key={each.verb} disabled={each.refusal !== undefined} title={each.refusal} onClick={() => verbs.act(each.verb)}>
              {each.verb === "hand-over" ? "Hand to…" : "Escalate now…"}
            </Button>
          ),
      )}
      <Button disabled={snooze?.refusal !== undefined} title={snooze?.refusal ?? "Snooze for ten minutes"} onClick={() => void actions.snooze(alert, new Date(serverNow() + HOLD_MS).toISOString())}>
        Hold 10 min
      </Button>
    </div>
  );
}

function Rungs({ ladder, alert }: { ladder: LadderOf; alert: Alert }) {
  const paging = pagingOf(alert);
  const [current, ...later] = paging === "due" || paging === "held" ? ladder.next : [];
  const isEmpty = ladder.past.length === 0 && !current;
  return (
    <ol className="grid">
      {isEmpty && paging === "nobody" && <Step mark="–"><p className="text-muted">Nobody was paged.</p></Step>}
      {ladder.past.map((past) => (
        <Past key={`${past.cycle}.${past.tier}.${past.fired_at}`} past={past} />
      ))}
      {paging !== "due" && <StopLine alert={alert} />}
      {current && (paging === "due" ? <Current rung={current} ladder={ladder} alert={alert} /> : <Coming rung={current} ladder={ladder} />)}
      {later.map((rung) => (
        <Coming key={`${rung.cycle}.${rung.tier}`} rung={rung} ladder={ladder} />
      ))}
      {ladder.is_cut && current && <Step mark="…"><p className="text-muted">And so on.</p></Step>}
    </ol>
  );
}

function Step({ mark, isCurrent = false, isDim = false, children }: { mark: ReactNode; isCurrent?: boolean; isDim?: boolean; children: ReactNode }) {
  return (
    <li aria-current={isCurrent ? "step" : undefined} className="group grid grid-cols-[1.75rem_minmax(0,1fr)] gap-3">
      <div className="flex flex-col items-center" aria-hidden>
        <span className={clsx("grid size-7 shrink-0 place-items-center rounded-full border font-mono text-xs", isCurrent ? "border-accent bg-accent-soft text-accent" : isDim ? "border-dashed border-control text-muted" : "border-control")}>{mark}</span>
        <span className="w-px flex-1 bg-line group-last:hidden" />
      </div>
      <div className="grid content-start gap-1 pt-0.5 pb-4 group-last:pb-0">{children}</div>
    </li>
  );
}

const OUTCOMES = { paged: "paged", nobody: "nobody to page", exhausted: "all tiers had their turn", handed_over: "handed over" } as const;

function Past({ past }: { past: LadderOf["past"][number] }) {
  const now = useNow();
  return (
    <Step mark={past.outcome === "exhausted" ? "■" : past.outcome === "handed_over" ? "→" : past.tier + 1}>
      <p>
        <span className="font-medium">{past.outcome === "paged" || past.outcome === "nobody" ? capitalized(rungName(past)) : "By hand"}</span> {OUTCOMES[past.outcome]} <Ago at={past.fired_at} />
        {past.late_ms > 1_000 && <span className="text-warning">, {span(past.late_ms)} late</span>}
      </p>
      {(past.pages ?? []).length > 0 && (
        <ul className="grid gap-1">
          {past.pages!.map((page) => (
            <li key={page.delivery_id} className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
              {page.user ? <Person id={page.user.id} name={page.user.display_name} /> : <span>{page.recipient.split(":")[0]}</span>}
              <span className="text-muted">{channelName(page.channel)}</span>
              <Receipt receipt={receiptOf(page, now)} />
            </li>
          ))}
        </ul>
      )}
    </Step>
  );
}

const TONES: Record<ReceiptWords["tone"], string> = { good: "text-ok", waiting: "text-muted", bad: "text-danger", quiet: "text-suppressed" };
const SIGNS: Record<ReceiptWords["tone"], string> = { good: "✓", waiting: "◌", bad: "!", quiet: "–" };

export function Receipt({ receipt }: { receipt: ReceiptWords }) {
  return (
    <span className={clsx("text-xs", TONES[receipt.tone])}>
      <span aria-hidden>{SIGNS[receipt.tone]} </span>
      {receipt.words}
    </span>
  );
}

function People({ rung }: { rung: Rung }) {
  const people = peopleOf(rung.pages);
  if (people.length === 0) return <p className="text-muted">Nobody.</p>;
  return (
    <ul className="grid gap-1">
      {people.map((each) => (
        <li key={each.key} className="flex flex-wrap items-center gap-x-2">
          {each.user ? <Person id={each.user} name={each.name} /> : <span>{each.name}</span>}
          <span className="text-muted">{each.channels.map(channelName).join(", ")}</span>
          {each.zone && !each.heldFor && <NightThere at={each.at} zone={each.zone} />}
          {each.heldFor && <span className="text-xs text-warning">held by quiet hours until {moment(each.at)}</span>}
        </li>
      ))}
    </ul>
  );
}

function Warnings({ rung, ladder }: { rung: Rung; ladder: LadderOf }) {
  return warningsOf(rung, ladder).map((each) => (
    <p key={each} className="flex items-start gap-1.5 text-xs text-warning">
      <TriangleAlert size={14} aria-hidden className="mt-0.5 shrink-0" /> <WithTimes text={plainly(each)} />
    </p>
  ));
}

const titleOf = (rung: Rung) => (rung.is_end ? "The end: admins are told" : capitalized(rungName(rung)));

function Current({ rung, ladder, alert }: { rung: Rung; ladder: LadderOf; alert: Alert }) {
  const now = useNow();
  const to = Date.parse(alert.next_escalation_at ?? rung.at);
  const who = peopleOf(rung.pages).map((each) => each.name).join(" and ") || "the next tier";
  return (
    <Step mark={rung.is_end ? "■" : rung.tier + 1} isCurrent>
      <div className="flex items-center justify-between gap-3 rounded-md border border-accent bg-accent-soft p-3">
        <div className="grid min-w-0 gap-1">
          <p className="font-medium">{rung.is_end ? "The end comes next: admins are told" : `${titleOf(rung)} is next`}</p>
          <People rung={rung} />
          <Warnings rung={rung} ladder={ladder} />
        </div>
        <DrainRing from={waitFrom(ladder, alert.first_fired_at)} to={to} />
      </div>
      <p role="status" className="sr-only">
        {readOut(to - now, who)}
      </p>
    </Step>
  );
}

function Coming({ rung, ladder }: { rung: Rung; ladder: LadderOf }) {
  return (
    <Step mark={rung.is_end ? "■" : rung.tier + 1} isDim>
      <p className="text-muted">
        <span className="font-medium">{titleOf(rung)}</span> <Moment at={rung.at} />
      </p>
      <div className="text-muted">
        <People rung={rung} />
      </div>
      <Warnings rung={rung} ladder={ladder} />
    </Step>
  );
}

/** Where the ladder ends, or waits, and by whose word. */
function StopLine({ alert }: { alert: Alert }) {
  const paging = pagingOf(alert);
  const by = alert.status === "resolved" ? alert.resolved_by : alert.escalation_state === "stopped" ? alert.acknowledged_by : null;
  const at = alert.status === "resolved" ? alert.resolved_at : alert.acknowledged_at;
  return (
    <li className="grid grid-cols-[1.75rem_minmax(0,1fr)] items-start gap-3 pb-4 last:pb-0">
      <span aria-hidden className={clsx("mt-2.5 h-1 rounded-full", paging === "lost" ? "bg-danger" : paging === "held" ? "bg-warning" : "bg-ok")} />
      <div className={clsx("rounded-md border px-3 py-1.5", paging === "lost" ? "border-danger text-danger" : paging === "held" ? "border-warning" : "border-ok")}>
        {by && at ? (
          <>
            <span className="font-medium">{alert.status === "resolved" ? "Resolved" : "Stopped"}</span> by {by.name} <Ago at={at} />: nobody further is paged.
          </>
        ) : (
          <>
            {paging === "held" ? "Waits" : "Ends"}: <WithTimes text={plainly(alert.escalation_reason)} />.
          </>
        )}
      </div>
    </li>
  );
}

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Clock } from "lucide-react";
import type { ReactNode } from "react";

import type { Schema } from "@/api/client";
import { Ago } from "@/time/time";
import { span } from "@/time/words";
import { Loaded, Panel } from "@/ui/panel";

import { Ledger } from "./ledger";
import { healthOf } from "./page-counts";
import { heartbeatsQuery, ledgerQuery, outboxQuery, statusQuery, summaryQuery } from "./queries";
import { TriedPeople } from "./tried-people";
import { headline, remarksOf, SILENT_SECONDS } from "./verdict";

export function Overview() {
  const status = useQuery(statusQuery);
  return (
    <div className="grid gap-4">
      <Loaded query={status} what="The state of NightOwl" lines={8}>
        {(state) => (
          <>
            <Verdict state={state} />
            <div className="grid gap-4 lg:grid-cols-2">
              <Parts state={state} />
              <Flow state={state} />
            </div>
          </>
        )}
      </Loaded>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Ledger />
        <div className="grid gap-4">
          <TriedPeople />
          <LocalOutbox />
        </div>
      </div>
    </div>
  );
}

/** The plain words first. What could not be asked is said, and never taken for good. */
function Verdict({ state }: { state: Schema["SystemState"] }) {
  const pages = useQuery(summaryQuery(1));
  const ledger = useQuery(ledgerQuery);
  const heartbeats = useInfiniteQuery(heartbeatsQuery);
  const remarks = remarksOf({
    state,
    findings: ledger.data?.findings.length,
    channels: pages.data && healthOf(pages.data.items),
    missed: heartbeats.data?.pages.flatMap((page) => page.items).filter(({ status }) => status === "missed").map(({ name }) => name),
  });
  const unknown = [pages.error && "the pages", ledger.error && "the ledger", heartbeats.error && "the heartbeats"].filter(Boolean);
  const isPending = [pages, ledger, heartbeats].some((query) => query.isPending);
  return (
    <section aria-label="In short" aria-busy={isPending} className={`rounded-lg border bg-card p-4 ${remarks.some(({ level }) => level === "wrong") ? "border-danger" : remarks.length + unknown.length > 0 ? "border-warning" : "border-ok"}`}>
      <h2 role="status" className="flex items-center gap-2 text-lg">
        <Sign level={remarks[0]?.level ?? (unknown.length > 0 ? "late" : undefined)} /> {isPending && remarks.length === 0 ? "Nothing wrong so far" : headline(remarks, unknown.length === 0)}
      </h2>
      {remarks.length > 0 ? (
        <ul className="mt-2 grid gap-1 pl-7">
          {remarks.map(({ level, text }) => (
            <li key={text} className="flex items-start gap-2 wrap-anywhere">
              <span className="pt-0.5">
                <Sign level={level} size={14} />
              </span>
              <span>{text}.</span>
            </li>
          ))}
        </ul>
      ) : unknown.length > 0 ? null : (
        <p className="pl-7 text-muted">{isPending ? "Still looking at the pages, the ledger and the heartbeats." : "Alerts come in, and pages go out."}</p>
      )}
      {unknown.length > 0 && <p className="mt-2 pl-7 text-warning">Could not be found out: {unknown.join(", ")}.</p>}
    </section>
  );
}

function Sign({ level, size = 20 }: { level: "wrong" | "late" | undefined; size?: number }) {
  if (level === "wrong") return <CircleAlert size={size} role="img" aria-label="wrong" className="shrink-0 text-danger" />;
  if (level === "late") return <Clock size={size} role="img" aria-label="attention" className="shrink-0 text-warning" />;
  return <CircleCheck size={size} role="img" aria-label="good" className="shrink-0 text-ok" />;
}

function Parts({ state }: { state: Schema["SystemState"] }) {
  return (
    <Panel title="Parts">
      <dl className="grid gap-2">
        <Line label="Database" isGood>
          answers after {state.database_latency_ms < 10 ? state.database_latency_ms.toFixed(1) : Math.round(state.database_latency_ms)} ms
        </Line>
        <Line label="Bus" isGood={state.is_bus_connected}>
          {state.is_bus_connected ? "connected" : "away"}
        </Line>
        <Line label="Cache" isGood={state.is_cache_up}>
          {state.is_cache_up ? "up" : "away"}
        </Line>
        <Line label="Following the event stream">{state.stream_clients === null ? "could not be found out" : state.stream_clients.toLocaleString("en-GB")}</Line>
        <Line label="Version">{state.version}</Line>
        <Line label="Running for">{span(state.uptime_seconds * 1_000)}</Line>
      </dl>
    </Panel>
  );
}

function Flow({ state }: { state: Schema["SystemState"] }) {
  return (
    <Panel title="From alert to page">
      <dl className="grid gap-2">
        <Line label="Last alert received">{state.last_alert_received_at ? <Ago at={state.last_alert_received_at} /> : "none yet"}</Line>
        <Line label="Received, not yet an alert" isGood={state.enrichment_lag === 0 ? true : undefined}>
          {state.enrichment_lag === null ? "could not be found out" : state.enrichment_lag.toLocaleString("en-GB")}
        </Line>
        <Line label="Calls kept in the database" isGood={state.spooled_calls === 0}>
          {state.spooled_calls.toLocaleString("en-GB")}
        </Line>
        <Line label="Oldest unpublished event" isGood={state.outbox_age_seconds === null ? true : undefined}>
          {state.outbox_age_seconds === null ? "none" : span(state.outbox_age_seconds * 1_000)}
        </Line>
        <Line label="Timers overdue" isGood={state.overdue_timers === 0}>
          {state.overdue_timers.toLocaleString("en-GB")}
        </Line>
        <CanaryLine canary={state.canary} />
      </dl>
    </Panel>
  );
}

/** An alert of NightOwl's own goes through everything each minute: the one line that knows of a pipeline that is dead. */
function CanaryLine({ canary }: { canary: Schema["SystemState"]["canary"] }) {
  if (!canary) return <Line label="Canary">none is installed</Line>;
  return (
    <Line label="Canary came through" isGood={canary.age_seconds <= SILENT_SECONDS}>
      {canary.last_arrived_at ? <Ago at={canary.last_arrived_at} /> : "never yet"}
      {canary.round_trip_seconds !== null && <span className="font-normal text-muted">in {canary.round_trip_seconds.toFixed(1)} s</span>}
    </Line>
  );
}

function Line({ label, isGood, children }: { label: string; isGood?: boolean | undefined; children: ReactNode }) {
  return (
    <div className="flex items-center gap-3">
      <dt className="min-w-0 flex-1 text-muted">{label}</dt>
      <dd className="flex items-center gap-2 text-right font-medium tabular-nums">
        {children}
        <span className="grid w-4 place-items-center">{isGood === undefined ? null : <Sign level={isGood ? undefined : "late"} size={16} />}</span>
      </dd>
    </div>
  );
}

/** Only where pages are written down instead of being sent. */
function LocalOutbox() {
  const outbox = useQuery(outboxQuery);
  const newest = outbox.data?.items[0];
  if (!outbox.data || !newest) return null;
  return (
    <Panel title="Local outbox">
      <p className="text-muted">
        {outbox.data.total === 1 ? "1 page was" : `${outbox.data.total.toLocaleString("en-GB")} pages were`} written down instead of being sent, because the channel has no provider here. The newest <Ago at={newest.written_at} />.
      </p>
      <p className="pt-2">
        <a href="/outbox" target="_blank" rel="noopener" className="link">
          Open the local outbox
        </a>
      </p>
    </Panel>
  );
}

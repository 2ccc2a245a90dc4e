/** How the installation is doing, in words for whoever is awake. Pure. */
import type { Schema } from "@/api/client";
import { localZone, span } from "@/time/words";

import type { ChannelHealth } from "./page-counts";

export interface Remark {
  /** `wrong`: something may not arrive; `late`: it arrives, later. */
  level: "wrong" | "late";
  text: string;
}

export interface Known {
  state: Schema["SystemState"];
  /** Undefined while it could not be found out. */
  findings?: number | undefined;
  channels?: readonly ChannelHealth[] | undefined;
  missed?: readonly string[] | undefined;
}

const SLOW_DATABASE_MS = 100;
const LATE_SECONDS = 10;
const MUCH_LAG = 200;
/** As the alert rule for Prometheus has it: five canaries in a row. */
export const SILENT_SECONDS = 300;

/** A clock time for a sentence. */
export function clock(at: string, zone: string = localZone): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(new Date(at));
}

export function remarksOf({ state, findings, channels = [], missed = [] }: Known, zone?: string): Remark[] {
  const remarks: Array<Remark | false> = [
    (findings ?? 0) > 0 && { level: "wrong", text: `${many(findings!, "thing")} accepted in the last 72 h ${findings === 1 ? "is" : "are"} not accounted for` },
    ...channels.map((each): Remark | false => {
      if (each.refusal) return { level: each.taken === 0 || each.late > 0 ? "wrong" : "late", text: `Pages by ${each.name} are ${each.late > 0 ? "late" : "failing"}: the provider refuses since ${clock(each.refusal.since, zone)} (${each.refusal.reason})` };
      return each.late > 0 && { level: "late", text: `Pages by ${each.name} are late: ${each.late} should be out already` };
    }),
    (state.canary?.age_seconds ?? 0) > SILENT_SECONDS && { level: "wrong", text: `No canary has come through for ${span(state.canary!.age_seconds * 1_000)}: alerts may be received and page nobody` },
    !state.is_bus_connected && { level: "late", text: "The bus is away: alerts and pages go by the database, some seconds later" },
    state.spooled_calls > 0 && { level: "late", text: `${many(state.spooled_calls, "call")} of senders ${state.spooled_calls === 1 ? "waits" : "wait"} in the database` },
    state.overdue_timers > 0 && { level: "late", text: `${many(state.overdue_timers, "timer")} ${state.overdue_timers === 1 ? "is" : "are"} overdue: pages may be late` },
    (state.enrichment_lag ?? 0) > MUCH_LAG && { level: "late", text: `${many(state.enrichment_lag!, "received message")} ${state.enrichment_lag === 1 ? "waits" : "wait"} to become alerts` },
    (state.outbox_age_seconds ?? 0) > LATE_SECONDS && { level: "late", text: `Events are published late: the oldest waits for ${span(state.outbox_age_seconds! * 1_000)}` },
    state.database_latency_ms > SLOW_DATABASE_MS && { level: "late", text: `The database is slow: it answers after ${Math.round(state.database_latency_ms)} ms` },
    !state.is_cache_up && { level: "late", text: "The cache is away: everything works, more slowly" },
    missed.length > 0 && { level: "late", text: missed.length === 1 ? `The heartbeat ${missed[0]} is missed` : `${missed.length} heartbeats are missed: ${missed.slice(0, 3).join(", ")}${missed.length > 3 ? " and more" : ""}` },
  ];
  return remarks.filter((remark) => remark !== false).sort((a, b) => Number(b.level === "wrong") - Number(a.level === "wrong"));
}

/** `isWhole`: everything was asked and answered. What is not known is never called good. */
export function headline(remarks: readonly Remark[], isWhole: boolean): string {
  if (remarks.length === 0) return isWhole ? "Everything works" : "Not everything could be found out";
  return remarks.some(({ level }) => level === "wrong") ? "Something is wrong" : "It works, with remarks";
}

function many(count: number, noun: string): string {
  return `${count.toLocaleString("en-GB")} ${noun}${count === 1 ? "" : "s"}`;
}

/** What the server's words mean, for people. Pure. */
import { moment, zoneName } from "@/time/words";

import type { Schema } from "@/api/client";

export type Reason = Schema["UncoveredSpan"]["reason"];

const REASONS: Record<Reason, string> = {
  all_absent: "everybody is away",
  ended: "the roster has ended",
  in_turn: "their turn",
  no_members: "nobody takes turns",
  not_begun: "the roster has not begun",
  off_hours: "outside active hours",
  override: "an override",
  pin: "locked in",
  stands_in: "stands in",
};

export function reasonWords(reason: Reason): string {
  return REASONS[reason];
}

/** `28 h`, `7.5 h`. */
export function hours(count: number): string {
  return `${Number.isInteger(count) ? count : count.toFixed(1)} h`;
}

/** `1 week`, `2 weeks`. */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}

/** A span in a zone that is named: `Thu, 26 Nov, 09:00 to Fri, 27 Nov, 09:00 CET`. */
export function spanWords(start: number | string, end: number | string, zone: string): string {
  const [from, until] = [moment(start, zone), moment(end, zone)];
  const day = (text: string) => text.slice(0, text.lastIndexOf(","));
  return `${from} to ${day(from) === day(until) ? until.slice(until.lastIndexOf(",") + 2) : until} ${zoneName(start, zone)}`;
}

/** `09:00` of `09:00:00`. */
export function clock(time: string): string {
  return time.slice(0, 5);
}

export const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

/** How the turns go: `Weekly, handoff Monday 09:00`. */
export function patternWords(roster: { rotation_kind: string; rotation_days: number; rotation_hours: number | null; handoff_time: string; handoff_day: number | null }): string {
  const turn = roster.rotation_hours ? `Every ${many(roster.rotation_hours, "hour")}` : roster.rotation_days === 1 ? "Daily" : roster.rotation_days === 7 ? "Weekly" : `Every ${many(roster.rotation_days, "day")}`;
  const day = roster.handoff_day ? `${WEEKDAYS[roster.handoff_day - 1]} ` : "";
  return `${turn}, handoff ${day}${clock(roster.handoff_time)}`;
}

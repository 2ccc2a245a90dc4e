/** Which days are looked at, as they stand in the URL: whole days of the zone in which times are shown. Pure. */
import { instantOfWall, wallOf } from "@/time/wall";
import { localZone } from "@/time/words";

export interface InsightSearch {
  /** First and last day, `2026-11-01`; both or neither. */
  from?: string;
  to?: string;
  /** Tables in place of charts. */
  as?: "table";
}

export const USUAL_DAYS = 28;
/** The API looks at 92 days at most; an hour more, as where summer time ends, is too much already. */
export const MOST_DAYS = 91;
const DAY = /^\d{4}-\d{2}-\d{2}$/u;

/** Takes over what can be meant and drops the rest. */
export function toInsightSearch(given: Record<string, unknown>): InsightSearch {
  const { from, to, as } = given;
  const isRange = isDay(from) && isDay(to) && from <= to && daysBetween(from, to) <= MOST_DAYS;
  return { ...(isRange ? { from, to } : {}), ...(as === "table" ? { as } : {}) };
}

function isDay(value: unknown): value is string {
  return typeof value === "string" && DAY.test(value) && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString().startsWith(value);
}

/** How many days, both ends counted. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
}

/** A day some days later or earlier. */
export function shifted(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The day that a clock in the zone shows. */
export function dayOf(instant: number, zone: string = localZone): string {
  return new Date(wallOf(instant, zone)).toISOString().slice(0, 10);
}

/** When a day begins in the zone, as an instant. */
export function beginOf(day: string, zone: string = localZone): string {
  return new Date(instantOfWall(Date.parse(day), zone)).toISOString();
}

/** The last `days` days, today included. */
export function lastDays(days: number, now: number): { from: string; to: string } {
  const to = dayOf(now);
  return { from: shifted(to, 1 - days), to };
}

/** Until when people snooze. Pure. */
import { instantOf } from "@/time/local-input";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const SNOOZES = ["30 minutes", "1 hour", "4 hours", "until 09:00"] as const;

export interface SnoozeTime {
  label: (typeof SNOOZES)[number];
  until: string;
}

/** The next time that clocks in a zone show `hour`:00. */
export function nextAt(hour: number, now: number, zone: string): number {
  // The zone's own hours are tried: a day with a changed clock has 23 or 25 of them.
  const first = Math.floor(now / (HOUR / 4) + 1) * (HOUR / 4);
  for (let at = first; at <= now + DAY + 2 * HOUR; at += HOUR / 4) {
    const shown = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
    if (shown === `${String(hour).padStart(2, "0")}:00`) return at;
  }
  return now + DAY;
}

export function snoozeTimes(now: number, zone: string): readonly SnoozeTime[] {
  const at = [now + HOUR / 2, now + HOUR, now + 4 * HOUR, nextAt(9, now, zone)];
  return SNOOZES.map((label, place) => ({ label, until: new Date(at[place]!).toISOString() }));
}

/** What is wrong with a time of one's own, or null. */
export function snoozeError(value: string, now: number): string | null {
  const meant = instantOf(value);
  if (meant === null) return "Say a day and a time.";
  const at = Date.parse(meant);
  if (at <= now) return "That is over already.";
  return at > now + 365 * DAY ? "At most a year ahead." : null;
}

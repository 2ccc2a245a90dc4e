/** How often a window comes again, between the form and the recurrence of RFC 5545. Pure. */

export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof WEEKDAYS)[number];
export const WEEKDAY_WORDS: Record<Weekday, string> = { MO: "Monday", TU: "Tuesday", WE: "Wednesday", TH: "Thursday", FR: "Friday", SA: "Saturday", SU: "Sunday" };
export const NTH_WORDS: Record<string, string> = { "1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last" };

export interface Recurrence {
  every: "once" | "day" | "week" | "month" | "rule";
  interval: number;
  /** Of a week; of a month the one that `nth` counts. */
  days: Weekday[];
  nth: string;
  /** As it is written, for what the fields above cannot say. */
  rule: string;
}

export const ONCE: Recurrence = { every: "once", interval: 1, days: [], nth: "1", rule: "" };

export function ruleOf(recurrence: Recurrence): string | null {
  const { every, interval, days, nth, rule } = recurrence;
  const step = interval > 1 ? `;INTERVAL=${interval}` : "";
  if (every === "once") return null;
  if (every === "rule") return rule.trim() || null;
  if (every === "day") return `FREQ=DAILY${step}`;
  if (every === "week") return `FREQ=WEEKLY${step}${days.length ? `;BYDAY=${WEEKDAYS.filter((day) => days.includes(day)).join(",")}` : ""}`;
  return `FREQ=MONTHLY${step}${days.length ? `;BYDAY=${nth}${days[0]}` : ""}`;
}

/** What the form shows for a stored rule; anything that it would not write itself is shown as it is. */
export function recurrenceOf(rule: string | null): Recurrence {
  if (!rule) return ONCE;
  const parts = new Map(rule.split(";").map((part) => part.split("=") as [string, string]));
  const every = ({ DAILY: "day", WEEKLY: "week", MONTHLY: "month" } as const)[parts.get("FREQ") ?? ""];
  const byDay = (parts.get("BYDAY") ?? "").split(",").filter(Boolean);
  const nth = byDay[0]?.slice(0, -2) || "1";
  const read: Recurrence = { every: every ?? "rule", interval: Number(parts.get("INTERVAL") ?? 1), days: byDay.map((day) => day.slice(-2) as Weekday), nth, rule };
  const isKnown = every && nth in NTH_WORDS && byDay.every((day) => WEEKDAYS.includes(day.slice(-2) as Weekday));
  return isKnown && ruleOf(read) === rule ? read : { ...ONCE, every: "rule", rule };
}

/** `every 2 weeks on Sunday` */
export function recurrenceWords(rule: string | null): string {
  const { every, interval, days, nth } = recurrenceOf(rule);
  const names = days.map((day) => WEEKDAY_WORDS[day]).join(", ");
  const often = (unit: string) => (interval > 1 ? `every ${interval} ${unit}s` : `every ${unit}`);
  if (every === "once") return "once";
  if (every === "rule") return `by the rule ${rule}`;
  if (every === "day") return often("day");
  if (every === "week") return `${often("week")}${names ? ` on ${names}` : ""}`;
  return `${often("month")}${names ? ` on the ${NTH_WORDS[nth]} ${names}` : " on the same day"}`;
}

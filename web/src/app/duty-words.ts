/** A person's duty in words. Pure. */
import type { Now } from "@/now/queries";

export type MyDuty = NonNullable<Now["my_duty"]>;

const DAYS_6 = 6 * 24 * 3_600_000;

/** `Mon 09:00` where no other Monday can be meant, else `7 Dec 09:00`. */
function shortly(at: string, now: number, zone: string): string {
  const day = Date.parse(at) - now < DAYS_6 ? ({ weekday: "short" } as const) : ({ day: "numeric", month: "short" } as const);
  return new Intl.DateTimeFormat("en-GB", { ...day, hour: "2-digit", minute: "2-digit", timeZone: zone }).format(new Date(at)).replaceAll(",", "");
}

/** What there is room for beside the live pill: `Primary until Mon 09:00`, and who comes next. */
export function dutyInShort({ role, until, next_person }: MyDuty, now: number, zone: string): { duty: string; next: string | null } {
  const name = role === "primary" ? "Primary" : "Backup";
  return until ? { duty: `${name} until ${shortly(until, now, zone)}`, next: `next: ${next_person?.display_name ?? "nobody"}` } : { duty: name, next: null };
}

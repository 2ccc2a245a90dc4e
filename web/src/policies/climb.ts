/** A dry run, put together for reading: cycles, and per recipient the pages that they get. Pure. */
import type { Schema } from "@/api/client";

type Rung = Schema["Rung"];
type Page = Schema["PlannedPage"];

export interface Told {
  recipient: string;
  user: Page["user"];
  /** `after`: minutes after the rung, by the person's own rules. */
  pages: Array<Page & { after: number }>;
}

export interface Climbed extends Rung {
  told: Told[];
}

export function climb(rungs: readonly Rung[]): { cycles: Climbed[][]; end: Climbed | null } {
  const cycles: Climbed[][] = [];
  let end: Climbed | null = null;
  for (const rung of rungs) {
    const climbed = { ...rung, told: toldBy(rung) };
    if (rung.is_end) end = climbed;
    else (cycles[rung.cycle] ??= []).push(climbed);
  }
  return { cycles, end };
}

function toldBy(rung: Rung): Told[] {
  const told = new Map<string, Told>();
  for (const page of rung.pages) {
    const one = told.get(page.recipient) ?? { recipient: page.recipient, user: page.user, pages: [] };
    one.pages.push({ ...page, after: Math.max(0, Math.round(page.minute - rung.minute)) });
    told.set(page.recipient, one);
  }
  return [...told.values()];
}

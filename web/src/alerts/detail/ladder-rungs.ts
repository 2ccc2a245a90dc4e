/** The rules of the ladder: what is wrong with a rung that comes, how far the current one has drained, what is read out. Pure. */
import type { Schema } from "@/api/client";

import { targetName } from "./paging-words";

export type Ladder = Schema["Ladder"];
export type Rung = Schema["Rung"];

/** What makes a coming rung worse than it looks. */
export function warningsOf(rung: Rung, ladder: Pick<Ladder, "past" | "next">): readonly string[] {
  const warnings = rung.targets.filter((each) => each.problem).map((each) => `${targetName(each.target)}: ${each.detail}`);
  if (rung.is_fallback) warnings.push("Nobody is behind its targets, so the admins are paged.");
  const users = new Map(rung.pages.flatMap((page) => (page.user ? [[page.user.id, page.user.display_name] as const] : [])));
  const told = new Set<string>();
  for (const past of ladder.past) if (past.cycle === rung.cycle) for (const page of past.pages ?? []) if (page.user) told.add(page.user.id);
  for (const each of ladder.next) {
    if (each === rung) break;
    if (each.cycle === rung.cycle) for (const page of each.pages) if (page.user) told.add(page.user.id);
  }
  const again = [...users].filter(([id]) => told.has(id)).map(([, name]) => name);
  if (again.length && !rung.is_end) warnings.push(`${again.join(", ")}: paged by an earlier tier already.`);
  return warnings;
}

/** Who is behind a rung, by name, each once, with their channels. */
export function peopleOf(pages: Rung["pages"]): ReadonlyArray<{ key: string; name: string; user: string | null; channels: readonly string[]; heldFor: string | null; at: string; zone: string | null }> {
  const found = new Map<string, { key: string; name: string; user: string | null; channels: string[]; heldFor: string | null; at: string; zone: string | null }>();
  for (const page of pages) {
    const entry = found.get(page.recipient);
    if (entry) entry.channels.push(page.channel);
    else found.set(page.recipient, { key: page.recipient, name: page.user?.display_name ?? page.recipient.replace(/^(\w+):.*$/u, "$1"), user: page.user?.id ?? null, channels: [page.channel], heldFor: page.held_for ?? null, at: page.at, zone: page.timezone });
  }
  return [...found.values()];
}

/** How much of the wait is left, from 1 to 0. */
export function leftOf(from: number, to: number, now: number): number {
  if (to <= from) return 0;
  return Math.min(1, Math.max(0, (to - now) / (to - from)));
}

/** Read out when it changes: at 60, 30 and 10 seconds, and when it is due. */
export function readOut(leftMs: number, who: string): string {
  if (leftMs <= 0) return `${who}: paged now.`;
  const seconds = [10, 30, 60].find((each) => leftMs <= each * 1_000);
  return seconds ? `${seconds} seconds until ${who} is paged.` : "";
}

/** When the wait for the coming rung began: when the last one fired, else when the alert did. */
export function waitFrom(ladder: Pick<Ladder, "past">, firstFiredAt: string): number {
  const last = ladder.past.at(-1);
  return Date.parse(last ? last.fired_at : firstFiredAt);
}

/** `Tier 2`, `tier 1, cycle 2`; the end has a name of its own. */
export function rungName(rung: { tier: number; cycle: number; is_end?: boolean }): string {
  if (rung.is_end) return "the end of the ladder";
  return `tier ${rung.tier + 1}${rung.cycle > 0 ? `, cycle ${rung.cycle + 1}` : ""}`;
}

/** The coming rung in words. */
export function nextOf(ladder: Pick<Ladder, "next"> | undefined): { name: string; people: readonly string[] } | null {
  const rung = ladder?.next[0];
  return rung ? { name: rungName(rung), people: peopleOf(rung.pages).map((each) => each.name) } : null;
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

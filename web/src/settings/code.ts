/** Where a code stands that proves an address, read from the newest page that went there. Pure. */
import type { Schema } from "@/api/client";

type TestPage = Schema["TestPage"];

/** `waiting`: somebody has it or is about to. `failed`: it was not sent. */
export type CodeState = "none" | "failed" | "waiting";

/** The server ends a code so long after it went out; from so long after it was asked for, nobody is asked to type it. */
export const CODE_MS = 10 * 60_000;
export const CODE_DIGITS = 6;

export function codeState(newest: TestPage | undefined, address: string, now: number): CodeState {
  if (!newest || newest.purpose !== "code" || newest.address !== address) return "none";
  if (now >= Date.parse(newest.created_at) + CODE_MS) return "none";
  return newest.status === "failed" ? "failed" : "waiting";
}

/** What somebody typed or pasted, as digits: "482 913" and "482-913" are meant as they look. */
export function digitsOf(typed: string): string {
  return typed.replaceAll(/\D/gu, "").slice(0, CODE_DIGITS);
}

/** What came of a page that concerns no alert. */
export function outcomeOf(page: TestPage): string {
  if (page.status === "sent") return "The provider took it";
  if (page.status === "failed") return `It failed: ${page.detail ?? page.reason ?? "no reason given"}`;
  return page.status === "unclear" ? "The provider did not answer; it may have arrived" : "On its way";
}

/** Commands that wait for NightOwl to answer, as a list in the order in which they were given. Pure. */
import type { Command, Seen } from "./commands";

export interface Unsent {
  /** Sent along where the API takes it, so that what arrived unseen is not done twice. */
  key: string;
  /** Whose it is: tenant and person. Nobody else sends it. */
  owner: string;
  alert: Seen;
  command: Command;
  /** When it was given, in milliseconds since 1970. */
  at: number;
}

/** What is older was decided upon in another night. */
export const KEPT_MS = 12 * 3_600_000;

/** With one more at the end. The same for the same alert waits once, however often the key was pressed. */
export function withUnsent(waiting: readonly Unsent[], given: Unsent): readonly Unsent[] {
  const isSame = (each: Unsent) => each.owner === given.owner && each.alert.id === given.alert.id && JSON.stringify(each.command) === JSON.stringify(given.command);
  return waiting.some(isSame) ? waiting : [...waiting, given];
}

export function withoutUnsent(waiting: readonly Unsent[], key: string): readonly Unsent[] {
  return waiting.filter((each) => each.key !== key);
}

/** After the first of several for one alert was done: the next ones were given upon what that one made of it. */
export function uponAnswer(waiting: readonly Unsent[], owner: string, answer: Seen): readonly Unsent[] {
  return waiting.map((each) => (each.owner === owner && each.alert.id === answer.id ? { ...each, alert: answer } : each));
}

export function isTooOld(each: Unsent, now: number): boolean {
  return now - each.at > KEPT_MS;
}

/** What a shelf holds; nothing where somebody else wrote there. */
export function readUnsent(text: string | null): readonly Unsent[] {
  try {
    const kept: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(kept) ? kept.filter(isUnsent) : [];
  } catch {
    // No list of ours.
    return [];
  }
}

function isUnsent(each: unknown): each is Unsent {
  if (typeof each !== "object" || each === null) return false;
  const { key, owner, alert, command, at } = each as Partial<Unsent>;
  return typeof key === "string" && typeof owner === "string" && typeof at === "number" && typeof alert?.id === "string" && typeof alert.title === "string" && typeof command?.verb === "string";
}

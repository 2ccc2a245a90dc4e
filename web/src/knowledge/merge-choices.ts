/** Which of two entries' values stay when they are merged. Pure. */
import type { Incident } from "./queries";

export const TEXTS = ["symptoms", "root_cause", "solution"] as const;
export const FIELDS = ["title", "severity", "category", ...TEXTS, "runbook_id", "postmortem_url"] as const;
export const LISTS = ["services", "clusters", "namespaces", "tags", "error_patterns", "fingerprints"] as const;

export type MergeField = (typeof FIELDS)[number];
export type Choice = "target" | "source" | "both";

/** Fields of which one value must be left out, or both put together. */
export function differing(target: Incident, source: Incident): MergeField[] {
  return FIELDS.filter((field) => target[field] && source[field] && target[field] !== source[field]);
}

export function canBeBoth(field: MergeField): boolean {
  return TEXTS.some((text) => text === field);
}

/** Texts begin undecided, for nobody should lose one by not looking; the rest stays as the survivor has it. */
export function undecided(target: Incident, source: Incident, choices: Partial<Record<MergeField, Choice>>): MergeField[] {
  return differing(target, source).filter((field) => canBeBoth(field) && !choices[field]);
}

export function united(first: readonly string[], second: readonly string[]): string[] {
  return [...new Set([...first, ...second])];
}

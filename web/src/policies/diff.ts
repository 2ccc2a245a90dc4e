/** What one version says and another does not, line by line. Pure. */
import type { Schema } from "@/api/client";

import { channelWords } from "./channels";
import { targetWords, type Directory } from "./targets";

export interface Line {
  kind: "same" | "gone" | "new";
  text: string;
}

/** The lines that are kept (longest common subsequence), gone and new, in reading order. */
export function linesBetween(before: readonly string[], after: readonly string[]): Line[] {
  const kept: number[][] = Array.from({ length: before.length + 1 }, () => Array.from({ length: after.length + 1 }, () => 0));
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--) kept[i]![j] = before[i] === after[j] ? kept[i + 1]![j + 1]! + 1 : Math.max(kept[i + 1]![j]!, kept[i]![j + 1]!);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ kind: "same", text: before[i]! });
      i++;
      j++;
    } else if (i < before.length && (j === after.length || kept[i + 1]![j]! >= kept[i]![j + 1]!)) lines.push({ kind: "gone", text: before[i++]! });
    else lines.push({ kind: "new", text: after[j++]! });
  }
  return lines;
}

type Said = Pick<Schema["PolicyVersion"], "tiers" | "repeat_count" | "roster_id" | "lead_id">;

/** A version as lines that can be compared: one per rung, at its minute. */
export function versionLines(version: Said, directory: Directory): string[] {
  const roster = directory.rosters.find((each) => each.id === version.roster_id)?.name ?? version.roster_id;
  const lead = directory.people.find((each) => each.id === version.lead_id)?.display_name ?? version.lead_id;
  return [
    `Roster: ${roster ?? "none"}`,
    `Team lead: ${lead ?? "none"}`,
    ...version.tiers.map((tier, index) => {
      const minute = version.tiers.slice(0, index).reduce((sum, each) => sum + each.timeout_minutes, 0);
      const who = tier.targets.map((target) => targetWords(target, directory, version)).join(", ");
      return `Minute ${minute}: ${who}; by ${tier.notify_via.map(channelWords).join(", ")}; waits ${tier.timeout_minutes} min`;
    }),
    repeatWords(version.repeat_count),
  ];
}

export function repeatWords(count: number): string {
  if (count === 0) return "Once through, no repeat";
  return count === 1 ? "Then once more" : `Then ${count} times more`;
}

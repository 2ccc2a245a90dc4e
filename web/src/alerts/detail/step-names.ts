/** What steps are called, so that the knowledge base's page has the same ones ticked. Pure. */
import { parseInline, plainText } from "@/ui/markdown-inline";

import type { Step } from "./solution";

/** One for each step, as `ui/markdown-tree` names numbered items, tasks and sections. */
export function namesOf(steps: readonly Step[]): readonly string[] {
  const seen = new Map<string, number>();
  return steps.map(({ words, parts }) => {
    const said = words || (parts[0]?.kind === "command" ? parts[0].text : "");
    const base = plainText(parseInline(said)).trim().slice(0, 200) || "step";
    const times = (seen.get(base) ?? 0) + 1;
    seen.set(base, times);
    return times === 1 ? base : `${base} #${times}`;
  });
}

/** The solution of an incident as steps that can be ticked off, with the commands that can be copied. Pure. */

export type Part = { kind: "text"; text: string } | { kind: "command"; text: string };

export interface Step {
  parts: readonly Part[];
}

const ITEM = /^\s{0,3}(?:\d+[.)]|[-*+])\s+(?:\[[ xX]\]\s+)?(.*)$/u;
const FENCE = /^\s*(?:```|~~~)/u;

/**
 * Markdown's list items are steps; what comes before the first item is a step of its own, and what follows an item
 * belongs to it. Fenced blocks are commands, and so is inline code that stands for one (it has a space). A text without
 * items is one step per paragraph.
 */
export function stepsOf(markdown: string): readonly Step[] {
  const lines = markdown.replaceAll("\r\n", "\n").split("\n");
  const hasItems = lines.some((line) => ITEM.test(line));
  const steps: Part[][] = [];
  let fence: string[] | null = null;
  let isNew = true;
  const add = (part: Part) => {
    if (isNew || steps.length === 0) steps.push([]);
    isNew = false;
    steps.at(-1)!.push(part);
  };
  for (const line of lines) {
    if (FENCE.test(line)) {
      if (fence && fence.length > 0) add({ kind: "command", text: fence.join("\n") });
      fence = fence ? null : [];
      continue;
    }
    if (fence) {
      fence.push(line);
      continue;
    }
    const item = ITEM.exec(line)?.[1];
    if (item !== undefined) isNew = true;
    else if (!line.trim()) {
      if (!hasItems) isNew = true;
      continue;
    }
    for (const part of inline(item ?? line.trim().replace(/^#+\s+/u, ""))) add(part);
  }
  if (fence && fence.length > 0) add({ kind: "command", text: fence.join("\n") });
  return steps.map((parts) => ({ parts: joined(parts) }));
}

function inline(text: string): Part[] {
  const commands = [...text.matchAll(/`([^`]+)`/gu)].map((match) => match[1]!).filter((code) => code.includes(" "));
  const words = text.replaceAll(/`([^`]+)`/gu, (whole, code: string) => (code.includes(" ") ? "" : whole)).replaceAll(/\*\*([^*]+)\*\*/gu, "$1").replace(/[\s:]+$/u, (end) => (commands.length ? ":" : end.trim())).trim();
  const parts: Part[] = words && words !== ":" ? [{ kind: "text", text: words }] : [];
  return [...parts, ...commands.map((command) => ({ kind: "command" as const, text: command }))];
}

function joined(parts: readonly Part[]): Part[] {
  const made: Part[] = [];
  for (const part of parts) {
    const last = made.at(-1);
    if (part.kind === "text" && last?.kind === "text") made[made.length - 1] = { kind: "text", text: `${last.text} ${part.text}` };
    else made.push(part);
  }
  return made;
}

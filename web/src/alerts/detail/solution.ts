/** The solution of an incident as steps that can be ticked off, with the commands that can be copied. Pure. */

export type Part = { kind: "text"; text: string } | { kind: "command"; text: string };

export interface Step {
  /** Its first paragraph as it was written: what it is called by. */
  words: string;
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
  const steps: Array<{ lines: string[]; parts: Part[] }> = [];
  let fence: string[] | null = null;
  let isNew = true;
  let isFirst = true;
  const current = () => {
    if (isNew || steps.length === 0) {
      steps.push({ lines: [], parts: [] });
      isFirst = true;
    }
    isNew = false;
    return steps.at(-1)!;
  };
  const add = (part: Part) => void current().parts.push(part);
  for (const line of lines) {
    if (FENCE.test(line)) {
      if (fence && fence.length > 0) add({ kind: "command", text: fence.join("\n") });
      fence = fence ? null : [];
      isFirst = false;
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
      isFirst = false;
      continue;
    }
    const words = item ?? line.trim().replace(/^#+\s+/u, "");
    const parts = inline(words);
    for (const part of parts) add(part);
    if (parts.length > 0 && isFirst) current().lines.push(words);
  }
  if (fence && fence.length > 0) add({ kind: "command", text: fence.join("\n") });
  return steps.map(({ lines: words, parts }) => ({ words: words.join("\n").trimEnd(), parts: joined(parts) }));
}

/** In the order of the text. Code without a space is a name within a sentence. */
function inline(text: string): Part[] {
  const parts: Part[] = [];
  let words = "";
  const say = (end: ":" | "") => {
    const said = words.replaceAll(/\*\*([^*]+)\*\*/gu, "$1").replace(parts.length > 0 ? /^[\s.,;:]+/u : /^\s+/u, "").trimEnd();
    if (/[\p{L}\p{N}]/u.test(said)) parts.push({ kind: "text", text: /[\p{L}\p{N})`]$/u.test(said) ? said + end : said });
    words = "";
  };
  for (const [place, piece] of text.split(/`([^`]+)`/u).entries()) {
    if (place % 2 === 0) words += piece;
    else if (!piece.includes(" ")) words += `\`${piece}\``;
    else {
      say(":");
      parts.push({ kind: "command", text: piece });
    }
  }
  say("");
  return parts;
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

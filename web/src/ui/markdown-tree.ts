/** Markdown as a tree of blocks: headings, lists, task lists, code, quotes, tables, rules, paragraphs. Pure. */
import { parseInline, plainText, type Inline } from "./markdown-inline";

export interface Item {
  /** `[ ]` or `[x]` before it; null where there is none. */
  task: boolean | null;
  /** The step's name, the same while its words are; "" where it is no step. */
  step: string;
  blocks: Block[];
}

export type Block =
  | { kind: "heading"; level: number; children: Inline[]; step: string }
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "code"; language: string; text: string }
  | { kind: "list"; isOrdered: boolean; start: number; items: Item[] }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

/** Lists in lists and quotes in quotes, at most; what is deeper is text. */
const DEEPEST = 8;

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$/u;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/u;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/u;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(?:( {1,4})(.*)|)$/u;
const QUOTE = /^ {0,3}> ?(.*)$/u;
const TASK = /^\[([ xX])\][ \t]+/u;
const DIVIDER = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/u;

export function parseMarkdown(source: string): Block[] {
  const lines = source.replace(/\r\n?/gu, "\n").split("\n").map((line) => line.replace(/^\t+/u, (tabs) => "    ".repeat(tabs.length)));
  const blocks = parseBlocks(lines, 0);
  nameSteps(blocks);
  return blocks;
}

/** The names of all steps, in order. */
export function stepsOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    if (block.kind === "heading") return block.step ? [block.step] : [];
    if (block.kind === "quote") return stepsOf(block.blocks);
    if (block.kind !== "list") return [];
    return block.items.flatMap((item) => [...(item.step ? [item.step] : []), ...stepsOf(item.blocks)]);
  });
}

/**
 * Numbered items and tasks are steps. A text without any has its second-level headings as steps: that is how runbooks
 * are written that explain more than they order.
 */
function nameSteps(blocks: Block[]): void {
  const seen = new Map<string, number>();
  const name = (words: string): string => {
    const base = words.trim().slice(0, 200) || "step";
    const times = (seen.get(base) ?? 0) + 1;
    seen.set(base, times);
    return times === 1 ? base : `${base} #${times}`;
  };
  const items = (within: Block[]): void => {
    for (const block of within) {
      if (block.kind === "quote") items(block.blocks);
      if (block.kind !== "list") continue;
      for (const item of block.items) {
        if (block.isOrdered || item.task !== null) item.step = name(wordsOf(item.blocks));
        items(item.blocks);
      }
    }
  };
  items(blocks);
  if (seen.size > 0) return;
  for (const block of blocks) if (block.kind === "heading" && block.level === 2) block.step = name(plainText(block.children));
}

function wordsOf(blocks: readonly Block[]): string {
  const first = blocks[0];
  return first?.kind === "paragraph" || first?.kind === "heading" ? plainText(first.children) : first?.kind === "code" ? first.text : "";
}

function parseBlocks(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at]!;
    if (line.trim() === "") {
      at += 1;
      continue;
    }
    const fence = FENCE.exec(line);
    const heading = HEADING.exec(line);
    if (fence) {
      const end = endOfFence(lines, at + 1, fence[1]!);
      blocks.push({ kind: "code", language: fence[2]!, text: lines.slice(at + 1, end).join("\n") });
      at = end + 1;
    } else if (heading) {
      const words = (heading[2] ?? "").trim().replace(/(?:^|[ \t])#+$/u, "").trim();
      blocks.push({ kind: "heading", level: heading[1]!.length, children: parseInline(words), step: "" });
      at += 1;
    } else if (RULE.test(line)) {
      blocks.push({ kind: "rule" });
      at += 1;
    } else if (depth < DEEPEST && QUOTE.test(line)) {
      const end = endWhere(lines, at, (each) => !QUOTE.test(each));
      blocks.push({ kind: "quote", blocks: parseBlocks(lines.slice(at, end).map((each) => QUOTE.exec(each)![1]!), depth + 1) });
      at = end;
    } else if (depth < DEEPEST && ITEM.test(line)) {
      at = readList(lines, at, depth, blocks);
    } else if (line.includes("|") && at + 1 < lines.length && lines[at + 1]!.includes("-") && DIVIDER.test(lines[at + 1]!)) {
      const end = endWhere(lines, at + 2, (each) => each.trim() === "" || !each.includes("|"));
      const head = cellsOf(line);
      const rows = lines.slice(at + 2, end).map((each) => cellsOf(each));
      blocks.push({ kind: "table", head, rows: rows.map((row) => head.map((_, column) => row[column] ?? [])) });
      at = end;
    } else {
      const end = endWhere(lines, at + 1, (each) => each.trim() === "" || startsBlock(each));
      blocks.push({ kind: "paragraph", children: parseInline(lines.slice(at, end).map((each) => each.trimStart()).join("\n").trimEnd()) });
      at = end;
    }
  }
  return blocks;
}

function readList(lines: readonly string[], from: number, depth: number, blocks: Block[]): number {
  const first = ITEM.exec(lines[from]!)!;
  const isOrdered = /\d/u.test(first[2]!);
  const kindOf = (marker: string) => marker.at(-1)!;
  const items: Item[] = [];
  let at = from;
  while (at < lines.length) {
    const found = RULE.test(lines[at]!) ? null : ITEM.exec(lines[at]!);
    if (!found || kindOf(found[2]!) !== kindOf(first[2]!)) break;
    const indent = found[1]!.length + found[2]!.length + (found[3]?.length ?? 1);
    const end = endOfItem(lines, at + 1, Math.min(indent, found[1]!.length + 2));
    const inner = [found[4] ?? "", ...lines.slice(at + 1, end).map((each) => each.slice(Math.min(indent, each.length - each.trimStart().length)))];
    const task = TASK.exec(inner[0]!);
    if (task) inner[0] = inner[0]!.slice(task[0].length);
    items.push({ task: task ? task[1] !== " " : null, step: "", blocks: parseBlocks(inner, depth + 1) });
    at = end;
  }
  blocks.push({ kind: "list", isOrdered, start: isOrdered ? Number.parseInt(first[2]!, 10) : 1, items });
  return at;
}

/** An item goes on through what is indented, and through a line that only continues its paragraph. */
function endOfItem(lines: readonly string[], from: number, indent: number): number {
  let end = from;
  let at = from;
  let isAfterBlank = false;
  while (at < lines.length) {
    const line = lines[at]!;
    const isBlank = line.trim() === "";
    const isIndented = line.length - line.trimStart().length >= indent;
    if (!isBlank && !isIndented && (isAfterBlank || startsBlock(line))) break;
    at += 1;
    if (!isBlank) end = at;
    isAfterBlank = isBlank;
  }
  // Blank lines between two items belong to the list.
  return at < lines.length && ITEM.test(lines[at]!) ? at : end;
}

function endOfFence(lines: readonly string[], from: number, fence: string): number {
  const closes = new RegExp(`^ {0,3}[${fence[0]}]{${fence.length},}[ \\t]*$`, "u");
  return endWhere(lines, from, (each) => closes.test(each));
}

function endWhere(lines: readonly string[], from: number, isEnd: (line: string) => boolean): number {
  let at = from;
  while (at < lines.length && !isEnd(lines[at]!)) at += 1;
  return at;
}

function startsBlock(line: string): boolean {
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);
}

/** A bar within ticks, or behind a backslash, divides nothing. */
function cellsOf(line: string): Inline[][] {
  const cells = line.trim().replace(/^\|/u, "").match(/(?:\\.|`[^`]*`|[^|\\])*(?:\||$)/gu) ?? [];
  const texts = cells.map((cell) => cell.replace(/\|$/u, "").trim());
  while (texts.length > 1 && texts.at(-1) === "") texts.pop();
  return texts.map((text) => parseInline(text));
}

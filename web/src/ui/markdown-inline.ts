/**
 * What stands in a line of markdown, as a tree. Pure.
 *
 * HTML is text like any other. Takes time in proportion to the text, whatever the text is.
 */

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "break" }
  | { kind: "strong" | "em" | "del"; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] };

/** Emphasis in emphasis, at most. */
const DEEPEST = 8;

const ESCAPE = /\\([\\`*_{}[\]()#+\-.!~|<>])/uy;
const TICKS = /`+/uy;
const AUTOLINK = /<((?:https?:\/\/|mailto:)[^\s<>]+)>/iuy;
const BARE = /https?:\/\/[^\s<>"'`]+/iuy;
const LINK = /\[((?:\\[^\n]|[^[\]\\`])+|`[^`]+`)\]\(\s*((?:[^\s()\\]|\([^\s()]*\))+)(?:\s+"[^"]*")?\s*\)/uy;
const EMPHASIS = /\*{1,3}|_{1,3}|~~/uy;
const PLAIN = /[^\\`<h[*_~\n]+/iuy;
const WORD = /[\p{L}\p{N}]/u;

const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/** The address if a link may lead there: absolute, and of a scheme that runs nothing. */
export function safeHref(address: string): string | null {
  try {
    const url = new URL(address);
    return SCHEMES.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

interface Opener {
  mark: string;
  /** Where its text stands in the output. */
  at: number;
}

export function parseInline(source: string): Inline[] {
  const out: Inline[] = [];
  const openers: Opener[] = [];
  const lastTicks = lastOfEachRun(source);
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) at = pattern.lastIndex;
    return found;
  };
  while (at < source.length) {
    const plain = take(PLAIN);
    if (plain) {
      put(out, plain[0]);
      continue;
    }
    const start = at;
    const char = source[at]!;
    if (char === "\n") {
      at += 1;
      breakLine(out);
    } else if (char === "\\") {
      put(out, take(ESCAPE)?.[1] ?? source[at++]!);
    } else if (char === "`") {
      const ticks = take(TICKS)![0];
      const end = (lastTicks.get(ticks.length) ?? -1) >= at ? closingTicks(source, at, ticks.length) : -1;
      if (end < 0) put(out, ticks);
      else {
        out.push({ kind: "code", text: unpad(source.slice(at, end).replaceAll("\n", " ")) });
        at = end + ticks.length;
      }
    } else if (char === "<") {
      const found = take(AUTOLINK);
      if (found) putLink(out, found[1]!, [{ kind: "text", text: found[1]!.replace(/^mailto:/iu, "") }], found[0]);
      else put(out, source[at++]!);
    } else if (char === "[") {
      const found = take(LINK);
      if (found) putLink(out, found[2]!, parseInline(found[1]!).filter((each) => each.kind !== "link"), found[0]);
      else put(out, source[at++]!);
    } else if (char === "h" || char === "H") {
      const found = start === 0 || !WORD.test(source[start - 1]!) ? take(BARE) : null;
      if (found) {
        const address = trimmed(found[0]);
        at = start + address.length;
        putLink(out, address, [{ kind: "text", text: address }], address);
      } else put(out, source[at++]!);
    } else {
      const mark = take(EMPHASIS)?.[0];
      if (mark) emphasise(out, openers, mark, source[start - 1], source[at]);
      else put(out, source[at++]!);
    }
  }
  return joined(out);
}

function put(out: Inline[], text: string): void {
  out.push({ kind: "text", text });
}

/** Two spaces or a backslash before it make a line's end a break; else it is a space. */
function breakLine(out: Inline[]): void {
  const last = out.at(-1);
  if (last?.kind === "text" && (last.text.endsWith("  ") || last.text === "\\")) {
    last.text = last.text === "\\" ? "" : last.text.trimEnd();
    out.push({ kind: "break" });
  } else put(out, " ");
}

function putLink(out: Inline[], address: string, children: Inline[], raw: string): void {
  const href = safeHref(address);
  if (href) out.push({ kind: "link", href, children });
  else put(out, raw);
}

/** Marks that end a word close what they opened; marks that begin one open. */
function emphasise(out: Inline[], openers: Opener[], mark: string, before: string | undefined, after: string | undefined): void {
  const [isAfterSpace, isBeforeSpace] = [before === undefined || /\s/u.test(before), after === undefined || /\s/u.test(after)];
  const isInWord = mark.startsWith("_") && WORD.test(before ?? " ") && WORD.test(after ?? " ");
  const found = isAfterSpace || isInWord ? -1 : openers.findLastIndex((each) => each.mark === mark);
  if (found >= 0) {
    const { at } = openers[found]!;
    const children = joined(out.splice(at).slice(1));
    openers.length = found;
    out.push(wrapped(mark, children));
    return;
  }
  if (!isBeforeSpace && !isInWord) {
    if (openers.length === DEEPEST) openers.shift();
    openers.push({ mark, at: out.length });
  }
  put(out, mark);
}

function wrapped(mark: string, children: Inline[]): Inline {
  if (mark === "~~") return { kind: "del", children };
  if (mark.length === 3) return { kind: "strong", children: [{ kind: "em", children }] };
  return { kind: mark.length === 2 ? "strong" : "em", children };
}

/** Where a run of so many ticks stands last: a run that has none behind it is text, and is not looked for. */
function lastOfEachRun(source: string): Map<number, number> {
  const last = new Map<number, number>();
  for (const run of source.matchAll(/`+/gu)) last.set(run[0].length, run.index);
  return last;
}

function closingTicks(source: string, from: number, length: number): number {
  const runs = /`+/gu;
  runs.lastIndex = from;
  for (let run = runs.exec(source); run; run = runs.exec(source)) if (run[0].length === length) return run.index;
  return -1;
}

function unpad(code: string): string {
  return /^ .*[^ ].* $/u.test(code) ? code.slice(1, -1) : code;
}

/** A bare address does not take along the sentence's own signs, nor the bracket that it stands in. */
function trimmed(address: string): string {
  let kept = address.replace(/[.,:;!?*_~]+$/u, "");
  while (kept.endsWith(")") && kept.split(")").length > kept.split("(").length) kept = kept.slice(0, -1).replace(/[.,:;!?*_~]+$/u, "");
  return kept;
}

function joined(inlines: Inline[]): Inline[] {
  const out: Inline[] = [];
  for (const each of inlines) {
    const last = out.at(-1);
    if (each.kind === "text" && last?.kind === "text") last.text += each.text;
    else if (each.kind !== "text" || each.text !== "") out.push(each.kind === "text" ? { ...each } : each);
  }
  return out;
}

/** The words alone. */
export function plainText(inlines: readonly Inline[]): string {
  return inlines.map((each) => (each.kind === "break" ? " " : "children" in each ? plainText(each.children) : each.text)).join("");
}

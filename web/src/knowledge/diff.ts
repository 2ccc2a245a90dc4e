/** Two texts line by line. Pure. */

export interface DiffLine {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Above this many comparisons the texts stand one below the other instead. */
const MOST = 250_000;

/** The shortest way from one text to the other, by the longest lines in common. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  if (a.length * b.length > MOST) return [...a.map((text) => line("gone", text)), ...b.map((text) => line("new", text))];
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  const out: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      out.push(line("same", a[i]!));
      [i, j] = [i + 1, j + 1];
    } else if (common[i + 1]![j]! >= common[i]![j + 1]!) out.push(line("gone", a[i++]!));
    else out.push(line("new", b[j++]!));
  }
  return [...out, ...a.slice(i).map((text) => line("gone", text)), ...b.slice(j).map((text) => line("new", text))];
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}

function line(kind: DiffLine["kind"], text: string): DiffLine {
  return { kind, text };
}

export interface OwnLine {
  text: string;
  /** The other text has no such line at this place. */
  isOwn: boolean;
}

/** Two texts as they stand beside each other, each with the lines marked that the other has not. */
export function markOwn(left: string, right: string): { left: OwnLine[]; right: OwnLine[] } {
  const lines = diffLines(left, right);
  const side = (own: "gone" | "new") => lines.filter(({ kind }) => kind === "same" || kind === own).map(({ kind, text }) => ({ text, isOwn: kind === own }));
  return { left: side("gone"), right: side("new") };
}

/** What a field of the history shows: lists are a line per value, nothing is no line. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(String).join("\n");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

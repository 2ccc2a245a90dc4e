/** What is ticked off, on a browser's shelf. Pure but for the shelf that it is given. */

const PREFIX = "nightowl.steps.";
const KEPT_MS = 30 * 24 * 3_600_000;

interface Kept {
  at: number;
  done: string[];
}

type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** What is done; nothing when it was never kept, or is not readable. */
export function readDone(shelf: Shelf, name: string): ReadonlySet<string> {
  return new Set(parse(shelf.getItem(PREFIX + name))?.done);
}

/** Keeps what is done, and forgets what nobody has touched for a month. */
export function keepDone(shelf: Shelf, name: string, done: ReadonlySet<string>, now: number): void {
  const names = Array.from({ length: shelf.length }, (_, index) => shelf.key(index)).filter((key) => key?.startsWith(PREFIX));
  for (const key of names) if (now - (parse(shelf.getItem(key!))?.at ?? 0) > KEPT_MS) shelf.removeItem(key!);
  if (done.size === 0) shelf.removeItem(PREFIX + name);
  else shelf.setItem(PREFIX + name, JSON.stringify({ at: now, done: [...done] } satisfies Kept));
}

function parse(text: string | null): Kept | null {
  try {
    const kept: unknown = JSON.parse(text ?? "null");
    const isKept = typeof kept === "object" && kept !== null && "done" in kept && Array.isArray(kept.done) && "at" in kept;
    return isKept ? (kept as Kept) : null;
  } catch {
    return null;
  }
}

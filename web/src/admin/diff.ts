/** A change in the audit log as lines: field, what it was, what it is. Pure. */

export interface DiffLine {
  field: string;
  before: string | null;
  after: string | null;
}

/** Words for a value; null where there is none. */
export function wordsOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `changes` maps a field to `[before, after]`, or to the value alone for what was made or told. */
export function diffOf(changes: Record<string, unknown>): DiffLine[] {
  return Object.entries(changes).map(([field, change]) => {
    if (Array.isArray(change) && change.length === 2) return { field, before: wordsOf(change[0]), after: wordsOf(change[1]) };
    return { field, before: null, after: wordsOf(change) };
  });
}

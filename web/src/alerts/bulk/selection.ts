/** Which alerts a bulk job is to run over: some by id, or all that the filter lets through when it starts. Pure. */

export type Selection = { kind: "some"; ids: ReadonlySet<string>; /** Where a range begins. */ anchor: string | null } | { kind: "all" };

export const NONE: Selection = { kind: "some", ids: new Set(), anchor: null };

export function isSelected(selection: Selection, id: string): boolean {
  return selection.kind === "all" || selection.ids.has(id);
}

export function isNone(selection: Selection): boolean {
  return selection.kind === "some" && selection.ids.size === 0;
}

/** Changes one row. Leaving one out of all leaves those that are `shown`. */
export function toggled(selection: Selection, id: string, shown: readonly string[]): Selection {
  const ids = new Set(selection.kind === "all" ? shown : selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { kind: "some", ids, anchor: id };
}

/** From the row that was changed last to this one, both included; without one, this one. */
export function extended(selection: Selection, id: string, shown: readonly string[]): Selection {
  if (selection.kind === "all") return selection;
  const [from, to] = [selection.anchor === null ? -1 : shown.indexOf(selection.anchor), shown.indexOf(id)];
  const range = from < 0 || to < 0 ? [id] : shown.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { kind: "some", ids: new Set([...selection.ids, ...range]), anchor: id };
}

/** All rows that are shown; none when all of them are selected already. */
export function toggledAll(selection: Selection, shown: readonly string[]): Selection {
  const isFull = shown.length > 0 && shown.every((id) => isSelected(selection, id));
  return isFull ? NONE : { kind: "some", ids: new Set(shown), anchor: shown.at(-1) ?? null };
}

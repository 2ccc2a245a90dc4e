/** Changes to a roster's overrides that are not saved yet, and how each is undone. Pure. */
import { iso } from "./zones";
import type { Override, Shift } from "./queries";

export interface OverrideContent {
  user_id: string;
  starts_at: string;
  ends_at: string;
  reason: string;
}

export type Edit = { kind: "add"; content: OverrideContent } | { kind: "change"; id: string; content: OverrideContent } | { kind: "remove"; id: string };

export function contentOf(override: Override): OverrideContent {
  return { user_id: override.user.id, starts_at: override.starts_at, ends_at: override.ends_at, reason: override.reason };
}

/** The overrides as they would stand, for the server's preview. */
export function applyEdits(standing: readonly Override[], edits: readonly Edit[]): OverrideContent[] {
  const touched = new Map(edits.flatMap((edit) => (edit.kind === "add" ? [] : [[edit.id, edit] as const])));
  const kept = standing.flatMap((override) => {
    const edit = touched.get(override.id);
    if (!edit) return [contentOf(override)];
    return edit.kind === "change" ? [edit.content] : [];
  });
  return [...kept, ...edits.flatMap((edit) => (edit.kind === "add" ? [edit.content] : []))];
}

/** What takes an edit back; `addedId` is the id that the server gave to what was added. */
export function inverseOf(edit: Edit, standing: readonly Override[], addedId: string | null): Edit | null {
  if (edit.kind === "add") return addedId ? { kind: "remove", id: addedId } : null;
  const before = standing.find((override) => override.id === edit.id);
  if (!before) return null;
  return edit.kind === "change" ? { kind: "change", id: edit.id, content: contentOf(before) } : { kind: "add", content: contentOf(before) };
}

export function moveOverride(override: Override, start: number, end: number): Edit {
  return { kind: "change", id: override.id, content: { ...contentOf(override), starts_at: iso(start), ends_at: iso(end) } };
}

/**
 * Two people take each other's shifts, from `now` on: what is over stays.
 *
 * A shift that comes from an override changes that override, since two must not share an instant.
 */
export function swapShifts(a: Shift, b: Shift, standing: readonly Override[], now: number): Edit[] {
  return [give(a, b.user, standing, now), give(b, a.user, standing, now)];
}

function give(shift: Shift, to: Shift["user"], standing: readonly Override[], now: number): Edit {
  const from = standing.find((override) => override.id === shift.override_id);
  const reason = `Swap with ${shift.user.display_name}`;
  if (from && Date.parse(from.starts_at) >= now) return { kind: "change", id: from.id, content: { ...contentOf(from), user_id: to.id, reason } };
  const start = Math.max(Date.parse(shift.starts_at), now);
  return { kind: "add", content: { user_id: to.id, starts_at: iso(start), ends_at: iso(Date.parse(shift.ends_at)), reason } };
}

/** The span that a preview must show for edits: all that they touch, and some days around it that are still to come. */
export function spanOfEdits(standing: readonly Override[], edits: readonly Edit[], around: number, now: number): { starts_at: string; ends_at: string } {
  const contents = edits.flatMap((edit) => {
    const before = edit.kind === "add" ? [] : standing.filter((override) => override.id === edit.id).map(contentOf);
    return edit.kind === "remove" ? before : [...before, edit.content];
  });
  const starts = contents.map((content) => Date.parse(content.starts_at));
  const ends = contents.map((content) => Date.parse(content.ends_at));
  const first = Math.min(...starts);
  return { starts_at: iso(Math.min(first, Math.max(first - around, now))), ends_at: iso(Math.max(...ends) + around) };
}

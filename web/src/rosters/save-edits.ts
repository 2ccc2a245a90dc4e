/** Writes edits one after the other, each naming the revision that the one before left. */
import { client, Problem, readWithTag } from "@/api/client";

import { inverseOf, type Edit } from "./edits";
import type { Override, RosterDetail } from "./queries";

type Tagged = { body: RosterDetail; etag: string | null };

function write(id: string, edit: Edit, etag: string | null): Promise<Tagged> {
  const header = etag ? { "If-Match": etag } : {};
  if (edit.kind === "add") return readWithTag(client.POST("/api/v1/rosters/{roster_id}/overrides", { params: { path: { roster_id: id }, header }, body: edit.content }));
  const params = { path: { roster_id: id, override_id: edit.id }, header };
  if (edit.kind === "change") return readWithTag(client.PUT("/api/v1/rosters/{roster_id}/overrides/{override_id}", { params, body: edit.content }));
  return readWithTag(client.DELETE("/api/v1/rosters/{roster_id}/overrides/{override_id}", { params }));
}

/**
 * Saves all of them and returns what undoes them, in the order to do it.
 *
 * @throws Problem when one is refused; those before it are then taken back. When that fails too, its words say so.
 */
export async function saveEdits(roster: { id: string; overrides: readonly Override[] }, etag: string | null, edits: readonly Edit[]): Promise<Edit[]> {
  let [standing, tag] = [roster.overrides, etag];
  const undo: Edit[] = [];
  for (const edit of edits) {
    try {
      const answer = await write(roster.id, edit, tag);
      const known = new Set(standing.map((override) => override.id));
      const added = answer.body.overrides.find((override) => !known.has(override.id))?.id ?? null;
      const inverse = inverseOf(edit, standing, added);
      if (inverse) undo.unshift(inverse);
      [standing, tag] = [answer.body.overrides, answer.etag];
    } catch (error) {
      await takeBack(roster.id, undo, tag, error);
      throw error;
    }
  }
  return undo;
}

async function takeBack(id: string, undo: readonly Edit[], etag: string | null, cause: unknown): Promise<void> {
  let tag = etag;
  try {
    for (const edit of undo) tag = (await write(id, edit, tag)).etag;
  } catch (error) {
    const [why, stuck] = [cause, error].map((each) => (each instanceof Error ? each.message : String(each)));
    throw new Problem({ title: "Half saved", status: 409, code: "half_saved", detail: `One part was saved, the other was refused (${why}), and the first could not be taken back (${stuck}). Look at the overrides of this roster.` });
  }
}

/** Undoes by the newest revision: somebody may have changed the roster since. */
export async function undoEdits(id: string, undo: readonly Edit[]): Promise<void> {
  const { body, etag } = await readWithTag(client.GET("/api/v1/rosters/{roster_id}", { params: { path: { roster_id: id } } }));
  await saveEdits(body, etag, undo);
}

/** Writes one change of a roster's members, and takes it back. */
import { client, readWithTag } from "@/api/client";

import { undoOf, type MemberStep, type MemberUndo } from "./member-step";
import type { RosterDetail } from "./queries";

type Tagged = { body: RosterDetail; etag: string | null };

function write(id: string, step: MemberStep | MemberUndo, etag: string | null): Promise<Tagged> {
  const header = etag ? { "If-Match": etag } : {};
  if (step.kind === "add") return readWithTag(client.POST("/api/v1/rosters/{roster_id}/members", { params: { path: { roster_id: id }, header }, body: step.content }));
  const path = { roster_id: id, member_id: step.member_id };
  if (step.kind === "change") return readWithTag(client.PUT("/api/v1/rosters/{roster_id}/members/{member_id}", { params: { path, header }, body: step.content }));
  return readWithTag(client.DELETE("/api/v1/rosters/{roster_id}/members/{member_id}", { params: { path, header, query: step.kind === "forget" ? { whole: true } : {} } }));
}

/** Saves it and returns what takes it back, as long as nobody has changed the roster since. */
export async function saveMember(roster: RosterDetail, etag: string | null, step: MemberStep): Promise<(() => Promise<unknown>) | undefined> {
  const answer = await write(roster.id, step, etag);
  const undo = undoOf(step, roster.members, answer.body.members);
  return undo ? () => write(roster.id, undo, answer.etag) : undefined;
}

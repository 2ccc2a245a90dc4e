/** One change of a roster's members: over how long its preview is shown, and how it is undone. Pure. */
import type { Schema } from "@/api/client";

import { DAY, iso } from "./zones";

export type Member = Schema["RosterMember"];
export type MemberStep = Schema["AddedMember"] | Schema["ChangedMember"] | Schema["RemovedMember"];
/** `forget` takes a stay out as if it had never been. */
export type MemberUndo = Schema["AddedMember"] | Schema["ChangedMember"] | { kind: "forget"; member_id: string };

const [FEWEST_DAYS, MOST_DAYS] = [28, 84];

/** From now on until everybody has had a turn; four weeks at least, twelve at most. */
export function spanOfStep(roster: { rotation_days: number; rotation_hours: number | null; members: readonly unknown[] }, now: number): { starts_at: string; ends_at: string } {
  const turn = roster.rotation_hours ? roster.rotation_hours / 24 : roster.rotation_days;
  const days = Math.min(MOST_DAYS, Math.max(FEWEST_DAYS, Math.ceil(turn * (roster.members.length + 1))));
  return { starts_at: iso(now), ends_at: iso(now + days * DAY) };
}

function contentOf({ position, joined_on, left_on }: Member): Schema["MemberChange"] {
  return { position, joined_on, left_on };
}

/** What takes a saved step back; `after` are the members that the server answered. Null when there is nothing to find. */
export function undoOf(step: MemberStep, before: readonly Member[], after: readonly Member[]): MemberUndo | null {
  if (step.kind === "add") {
    const known = new Set(before.map((member) => member.member_id));
    const made = after.find((member) => !known.has(member.member_id));
    return made ? { kind: "forget", member_id: made.member_id } : null;
  }
  const was = before.find((member) => member.member_id === step.member_id);
  if (!was) return null;
  if (after.some((member) => member.member_id === step.member_id)) return { kind: "change", member_id: step.member_id, content: contentOf(was) };
  return { kind: "add", content: { user_id: was.id, ...contentOf(was) } };
}

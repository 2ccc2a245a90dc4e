/** Answers to “Did this help?” in words. Pure. */
import type { Schema } from "@/api/client";

export type Said = Pick<Schema["Vote"], "helped" | "reason">;

export function contentOf({ helped, reason }: Said): Schema["VoteContent"] {
  return { helped, reason: reason?.trim() || null };
}

/** For the toast. */
export function saidVote(said: Said | null): string {
  if (!said) return "Your answer was taken back";
  return said.helped ? "Counted: it helped" : "Counted: it did not help";
}

/** What somebody says of it: `Bob: no, “the slot was gone”`. */
export function voteLine({ voter, helped, reason }: Schema["Vote"]): string {
  return `${voter.name}: ${helped ? "yes" : "no"}${reason ? `, “${reason}”` : ""}`;
}

interface Counts {
  helped_count: number;
  unhelpful_count: number;
}

/** What people say of an entry on the whole; null before anybody was heard. */
export function shareHelped({ helped_count: yes, unhelpful_count: no }: Counts): string | null {
  return yes + no === 0 ? null : `${yes} of ${yes + no} say it helped`;
}

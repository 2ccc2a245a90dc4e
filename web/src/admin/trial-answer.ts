/** What an identity provider sends a browser back with after a trial. Pure. */
import type { Schema } from "@/api/client";

/** Read from the part of the address behind `#`, which no server was sent; null: the page was opened otherwise. */
export function trialAnswerOf(hash: string): Schema["TrialAnswer"] | null {
  const given = new URLSearchParams(hash.replace(/^#/u, ""));
  const state = given.get("state");
  if (!state || !(given.has("code") || given.has("error"))) return null;
  return { state, code: given.get("code"), iss: given.get("iss"), error: given.get("error") };
}

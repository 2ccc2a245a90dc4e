/** Why another alert is shown beside this one. Pure. */
import type { Schema } from "@/api/client";

type Shared = Schema["SimilarAlert"]["shares"][number];

const WORDS: Record<Shared, string> = { service: "the same service", name: "the same name", incident: "the same known answer" };

/** `the same service and the same name`. */
export function saidShares(shares: readonly Shared[]): string {
  const words = shares.map((each) => WORDS[each]);
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** What can be done with a request to swap, and by whom. */
import { useMutation } from "@tanstack/react-query";

import { client, read } from "@/api/client";
import { queries } from "@/api/queries";
import { may, type Me } from "@/session/me";
import { toast } from "@/ui/toast";

import { forgetRosters, type Swap } from "./queries";

const VERBS = { accept: "accepted", decline: "declined", withdraw: "withdrawn" } as const;
export type SwapVerb = keyof typeof VERBS;

export const VERB_LABELS: Record<SwapVerb, string> = { accept: "Accept", decline: "Decline", withdraw: "Withdraw" };

const refresh = () => Promise.all([forgetRosters(), queries.invalidateQueries({ queryKey: ["now"] })]);

/** The asked one answers, the asking one takes it back, and who plans does either. */
export function verbsFor(swap: Pick<Swap, "status" | "requester" | "colleague">, me: Me): SwapVerb[] {
  if (swap.status !== "open") return [];
  const isPlanner = may(me, "manager");
  const is = (person: Swap["requester"]) => isPlanner || (person.id === me.user_id && may(me, "engineer"));
  return [...(is(swap.colleague) ? (["accept", "decline"] as const) : []), ...(is(swap.requester) ? (["withdraw"] as const) : [])];
}

export function useSwapAnswer() {
  return useMutation({
    mutationFn: ({ swap, verb }: { swap: Swap; verb: SwapVerb }) => {
      const params = { params: { path: { roster_id: swap.roster_id, swap_id: swap.id } } };
      if (verb === "accept") return read(client.POST("/api/v1/rosters/{roster_id}/swaps/{swap_id}/accept", params));
      if (verb === "decline") return read(client.POST("/api/v1/rosters/{roster_id}/swaps/{swap_id}/decline", params));
      return read(client.POST("/api/v1/rosters/{roster_id}/swaps/{swap_id}/withdraw", params));
    },
    onSuccess: (_, { verb }) => toast.done(`The request is ${VERBS[verb]}.`),
    // A refusal too is a reason to look again: somebody was quicker, or the shift is over.
    onSettled: refresh,
  });
}

/** Who asked has read the answer: it leaves their first page. */
export function useSwapSeen() {
  return useMutation({
    mutationFn: (swap: Swap) => read(client.POST("/api/v1/rosters/{roster_id}/swaps/{swap_id}/seen", { params: { path: { roster_id: swap.roster_id, swap_id: swap.id } } })),
    onSettled: refresh,
  });
}

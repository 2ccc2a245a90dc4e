/**
 * What people do to one alert.
 *
 * What is done can be taken back for ten seconds by the opposing call, which is one more entry on the timeline.
 */
import { useMemo } from "react";

import { useMe } from "@/session/me";

import type { Command, Seen } from "./commands";
import { doerOf, perform, takeBack } from "./perform";
import { voteHelped } from "./votes";

export interface AlertActions {
  acknowledge: (alert: Seen) => Promise<boolean>;
  unacknowledge: (alert: Seen) => Promise<boolean>;
  investigate: (alert: Seen) => Promise<boolean>;
  reopen: (alert: Seen) => Promise<boolean>;
  /** Until an instant, as ISO text. */
  snooze: (alert: Seen, until: string) => Promise<boolean>;
  /** Ends a snooze: the alert is as it was before it. */
  unsnooze: (alert: Seen) => Promise<boolean>;
  escalateNow: (alert: Seen) => Promise<boolean>;
  /** Pages a person now; after `minutes` without an acknowledgement the escalation goes on. */
  handOver: (alert: Seen, userId: string, minutes: number) => Promise<boolean>;
  /** `name` is what the screen shows until the answer is there. */
  assign: (alert: Seen, userId: string | null, name?: string) => Promise<boolean>;
  /** `didHelp`: what was known for it is what fixed it, which counts as an answer to “Did this help?”. */
  resolve: (alert: Seen, resolution: string | null, didHelp?: boolean) => Promise<boolean>;
  comment: (alert: Seen, text: string) => Promise<boolean>;
}

/** Each answers whether it was done; what went wrong was told already. */
export function useAlertActions(): AlertActions {
  const me = useMe();
  return useMemo(() => {
    const doer = doerOf({ tenant: me.tenant, via: me.via, user_id: me.user_id, name: me.name });
    const act = async (alert: Seen, command: Command) => (await perform(alert, command, doer)) !== null;
    return {
      acknowledge: (alert) => act(alert, { verb: "acknowledge" }),
      unacknowledge: (alert) => act(alert, { verb: "unacknowledge" }),
      investigate: (alert) => act(alert, { verb: "investigate" }),
      reopen: (alert) => act(alert, { verb: "reopen" }),
      snooze: (alert, until) => act(alert, { verb: "snooze", until }),
      unsnooze: (alert) => takeBack(alert, { ...alert, escalation_state: "none" }, { verb: "snooze", until: "" }, doer),
      escalateNow: (alert) => act(alert, { verb: "escalate" }),
      handOver: (alert, userId, minutes) => act(alert, { verb: "hand-over", userId, minutes }),
      assign: (alert, userId, name) => act(alert, { verb: "assign", userId, name }),
      resolve: async (alert, resolution, didHelp = false) => {
        const isDone = await act(alert, { verb: "resolve", resolution });
        if (isDone && didHelp) await voteHelped(alert);
        return isDone;
      },
      comment: (alert, text) => act(alert, { verb: "comment", text }),
    };
  }, [me.tenant, me.via, me.user_id, me.name]);
}

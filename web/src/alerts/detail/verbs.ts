/** What may be done to an alert where it stands, in the order in which it is offered. Pure. */
import { isOpen, isSnoozed, type Alert } from "@/alerts/act/commands";

export type Verb = "acknowledge" | "unacknowledge" | "investigate" | "reopen" | "snooze" | "unsnooze" | "escalate" | "hand-over" | "assign" | "resolve" | "comment";

export interface Offer {
  verb: Verb;
  label: string;
  key?: string;
  /** Why it cannot be done now; it is shown, and cannot be pressed. */
  refusal?: string;
}

type Standing = Pick<Alert, "status" | "escalation_state">;

const ACKNOWLEDGE: Offer = { verb: "acknowledge", label: "Acknowledge", key: "a" };
const COMMENT: Offer = { verb: "comment", label: "Comment", key: "c" };

/** The first is the one to press. */
export function offersFor(alert: Standing): readonly Offer[] {
  if (!isOpen(alert)) return [{ verb: "reopen", label: "Reopen" }, COMMENT];
  const snoozed = isSnoozed(alert);
  const takes: Offer[] = alert.status === "firing" ? [ACKNOWLEDGE] : [];
  if (alert.status !== "investigating" || snoozed) takes.push({ verb: "investigate", label: "Investigate", key: "i" });
  const escalates = alert.escalation_state === "pending" || alert.escalation_state === "muted";
  return [
    ...takes,
    { verb: "resolve", label: "Resolve", key: "r" },
    { verb: "snooze", label: snoozed ? "Snooze anew" : "Snooze", key: "s" },
    ...(snoozed ? [{ verb: "unsnooze", label: "End the snooze" } as const] : []),
    { verb: "assign", label: "Assign", key: "m" },
    COMMENT,
    { verb: "escalate", label: "Escalate now", key: "e", ...(escalates ? {} : { refusal: "No tier is due: give it back, or hand it to somebody." }) },
    { verb: "hand-over", label: "Hand over" },
    ...(alert.status === "firing" ? [] : [{ verb: "unacknowledge", label: "Give back" } as const]),
  ];
}

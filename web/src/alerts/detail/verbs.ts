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
const RESOLVE: Offer = { verb: "resolve", label: "Resolve", key: "r" };
const ASSIGN: Offer = { verb: "assign", label: "Assign", key: "m" };
const COMMENT: Offer = { verb: "comment", label: "Comment", key: "c" };
const ESCALATE: Offer = { verb: "escalate", label: "Escalate now", key: "e" };

/** The first is the one to press. */
export function offersFor(alert: Standing): readonly Offer[] {
  if (!isOpen(alert)) return [{ verb: "reopen", label: "Reopen" }, COMMENT];
  const snoozed = isSnoozed(alert);
  const takes: Offer[] = alert.status === "firing" ? [ACKNOWLEDGE] : [];
  if (alert.status !== "investigating" || snoozed) takes.push({ verb: "investigate", label: "Investigate", key: "i" });
  const escalates = alert.escalation_state === "pending" || alert.escalation_state === "muted";
  return [
    ...takes,
    RESOLVE,
    { verb: "snooze", label: snoozed ? "Snooze anew" : "Snooze", key: "s" },
    ...(snoozed ? [{ verb: "unsnooze", label: "End the snooze" } as const] : []),
    ASSIGN,
    COMMENT,
    { ...ESCALATE, ...(escalates ? {} : { refusal: "No tier is due: give it back, or hand it to somebody." }) },
    { verb: "hand-over", label: "Hand over" },
    ...(alert.status === "firing" ? [] : [{ verb: "unacknowledge", label: "Give back" } as const]),
  ];
}

/** For several at once, whatever each of them is: the server tells which refused. */
export const OFFERS_FOR_MANY: readonly Offer[] = [
  ACKNOWLEDGE,
  { verb: "investigate", label: "Investigate", key: "i" },
  RESOLVE,
  { verb: "snooze", label: "Snooze", key: "s" },
  ASSIGN,
  COMMENT,
  ESCALATE,
  { verb: "hand-over", label: "Hand over", refusal: "One alert at a time." },
];

export function offersForGroup(firing: number): readonly Offer[] {
  return firing > 0 ? [ACKNOWLEDGE, RESOLVE] : [RESOLVE];
}

export const FOR_READERS = "Your role may read, and change nothing.";

/** What is offered to a person: the same to all, and none of it can be pressed by who may only read. */
export function offersTo(alert: Standing, mayAct: boolean): readonly Offer[] {
  const offers = offersFor(alert);
  return mayAct ? offers : offers.map((offer) => ({ ...offer, refusal: FOR_READERS }));
}

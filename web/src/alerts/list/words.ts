/** What the columns of a row say. Pure. */
import { span } from "@/time/words";

import type { Alert } from "./queries";

/** Who has it: the assignee, or else who acknowledged it. */
export function holderOf(alert: Pick<Alert, "assignee" | "acknowledged_by">): { id: string; name: string } | null {
  if (alert.assignee) return { id: alert.assignee.id, name: alert.assignee.display_name };
  return alert.acknowledged_by ? { id: alert.acknowledged_by.id, name: alert.acknowledged_by.name } : null;
}

/** The first line of the description, where it says more than the title. */
export function firstLine({ title, description }: Pick<Alert, "title" | "description">): string | null {
  const line = description?.trimStart().split("\n", 1)[0]?.trim();
  return line && line !== title ? line : null;
}

export interface RungWords {
  text: string;
  /** The instant that a countdown behind the text runs to. */
  due: string | null;
}

/** Where the escalation stands; null where it is over and there is nothing to say. */
export function rungOf(alert: Pick<Alert, "escalation_state" | "tier" | "next_escalation_at" | "snoozed_until" | "status">, now: number): RungWords | null {
  switch (alert.escalation_state) {
    case "pending":
      return { text: alert.tier === 0 ? "first page" : `tier ${alert.tier} · next`, due: alert.next_escalation_at };
    case "snoozed":
      return { text: alert.snoozed_until ? `snoozed ${span(Date.parse(alert.snoozed_until) - now)}` : "snoozed", due: null };
    case "muted":
      return { text: "muted", due: null };
    case "exhausted":
      return { text: "all tiers paged", due: null };
    case "none":
    case "stopped":
      return null;
  }
}

/** Severity, status and place, for those who hear the row's link. */
export function spokenOf(alert: Alert): string {
  const holder = holderOf(alert);
  return [alert.severity, alert.status, alert.service?.name, holder && `with ${holder.name}`].filter(Boolean).join(", ");
}

const KINDS: Record<NonNullable<Alert["matched_incident"]>["kind"], string> = {
  fingerprint: "the same problem before",
  learned: "learned from answers",
  pattern: "a pattern fits",
  text: "the words are alike",
};

export function kindOfMatch(match: NonNullable<Alert["matched_incident"]>): string {
  return match.kind === "fingerprint" ? KINDS.fingerprint : `${KINDS[match.kind]}, ${Math.round(match.score * 100)} %`;
}

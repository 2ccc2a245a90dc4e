/** The events that a subscription may get, by noun (docs/architecture/events.md). Pure. */
export const EVENT_TYPES: Readonly<Record<string, readonly string[]>> = {
  alert: ["opened", "repeated", "acknowledged", "investigating", "unacknowledged", "snoozed", "unsnoozed", "assigned", "commented", "reopened", "resolved", "grouped", "suppressed", "unsuppressed", "escalated", "exhausted"],
  delivery: ["queued", "sent", "delivered", "failed", "superseded"],
  incident: ["created", "updated", "merged", "archived"],
  oncall: ["handoff"],
  roster: ["changed"],
  leave: ["changed"],
  policy: ["changed"],
  rule: ["changed"],
  subscription: ["changed"],
};

/** All that a noun has, written as the API writes it. */
export function allOf(noun: string): string {
  return `${noun}.*`;
}

/** Chosen types without those that a wider choice holds already, and those that this page does not know but the subscription has. */
export function tidy(chosen: readonly string[]): string[] {
  if (chosen.includes("*")) return ["*"];
  const wide = new Set(chosen.filter((type) => type.endsWith(".*")));
  return [...new Set(chosen)].filter((type) => wide.has(type) || !wide.has(allOf(type.split(".")[0]!)));
}

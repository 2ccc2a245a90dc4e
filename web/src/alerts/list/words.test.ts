import { expect, it } from "vitest";

import { firstLine, holderOf, rungOf } from "./words";

const NOW = Date.parse("2026-11-26T02:00:00Z");
const alert = { escalation_state: "pending", tier: 1, next_escalation_at: "2026-11-26T02:04:00Z", snoozed_until: null, status: "firing" } as const;

it("says how many tiers were paged, and when the next page is due", () => {
  expect(rungOf(alert, NOW)).toEqual({ text: "tier 1 · next", due: "2026-11-26T02:04:00Z" });
  expect(rungOf({ ...alert, tier: 0 }, NOW)?.text).toBe("first page");
});

it("a snooze says how long it lasts", () => {
  expect(rungOf({ ...alert, escalation_state: "snoozed", next_escalation_at: null, snoozed_until: "2026-11-26T02:25:00Z" }, NOW)?.text).toBe("snoozed 25 m");
});

it("an escalation that is over says nothing", () => {
  expect(rungOf({ ...alert, escalation_state: "stopped", status: "acknowledged" }, NOW)).toBeNull();
});

it("the assignee goes before who acknowledged", () => {
  const acknowledged_by = { kind: "user", id: "b", name: "Bob" } as const;
  expect(holderOf({ assignee: { id: "a", display_name: "Ada" }, acknowledged_by })).toEqual({ id: "a", name: "Ada" });
  expect(holderOf({ assignee: null, acknowledged_by })?.name).toBe("Bob");
  expect(holderOf({ assignee: null, acknowledged_by: null })).toBeNull();
});

it("a description is told by its first line, unless that is the title again", () => {
  expect(firstLine({ title: "Disk", description: "\n91 % full\nof db-1" })).toBe("91 % full");
  expect(firstLine({ title: "Disk", description: "Disk\nmore" })).toBeNull();
  expect(firstLine({ title: "Disk", description: null })).toBeNull();
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { linesBetween, versionLines } from "./diff";

describe("lines between two versions", () => {
  it("tell what is gone and what is new", () => {
    expect(linesBetween(["a", "b", "c"], ["a", "x", "c"]).map((line) => `${line.kind} ${line.text}`)).toEqual(["same a", "gone b", "new x", "same c"]);
  });
  it("give back both versions, whatever they are", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 8 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = linesBetween(before, after);
        expect(lines.filter((line) => line.kind !== "new").map((line) => line.text)).toEqual(before);
        expect(lines.filter((line) => line.kind !== "gone").map((line) => line.text)).toEqual(after);
      }),
    );
  });
});

it("a version's lines carry minute marks", () => {
  const directory = { people: [{ id: "u1", display_name: "Alice" }], rosters: [{ id: "r1", name: "Platform" }], endpoints: [], slackChannel: null };
  const tiers = [
    { timeout_minutes: 5, notify_via: ["slack_dm"], targets: ["oncall_primary"] },
    { timeout_minutes: 10, notify_via: ["sms"], targets: ["user:u1"] },
  ];
  expect(versionLines({ tiers, repeat_count: 0, roster_id: "r1", lead_id: null }, directory)).toEqual([
    "Roster: Platform",
    "Team lead: none",
    "Minute 0: On call on Platform; by Slack message; waits 5 min",
    "Minute 5: Alice; by SMS; waits 10 min",
    "Once through, no repeat",
  ]);
});

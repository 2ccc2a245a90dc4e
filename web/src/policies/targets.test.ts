import { describe, expect, it } from "vitest";

import { targetChoices, targetWords, withTargetWords, type Directory } from "./targets";

const directory: Directory = {
  people: [
    { id: "u1", display_name: "Alice", is_active: true },
    { id: "u2", display_name: "Gone", is_active: false },
  ],
  rosters: [{ id: "r1", name: "Platform" }],
  endpoints: [{ id: "e1", name: "Status room", kind: "teams" }],
  slackChannel: "C0PLATFORM",
};
const meaning = { roster_id: "r1", lead_id: "u1" };

describe("a target in words", () => {
  it("names whom it means", () => {
    const words = (target: string) => targetWords(target, directory, meaning);
    expect(["oncall_primary", "oncall_backup", "team_lead", "user:u1", "roster:r1:secondary", "channel:C0X", "endpoint:e1"].map(words)).toEqual([
      "On call on Platform", "Backup on Platform", "Team lead, Alice", "Alice", "Backup on Platform", "Slack channel C0X", "Status room",
    ]);
  });
  it("also where the server speaks of it", () => {
    expect(withTargetWords("oncall_backup: nobody is on call; user:u1: has no address", directory, meaning)).toBe("Backup on Platform: nobody is on call; Alice: has no address");
  });
  it("keeps the id of what is gone", () => expect(targetWords("user:u9", directory, meaning)).toBe("Person u9"));
});

describe("what can be chosen", () => {
  const values = (taken: string[] = [], typed = "") => targetChoices(directory, meaning, taken, typed).map((each) => each.value);
  it("is all but who has left and what is there already", () => {
    expect(values()).toEqual(["oncall_primary", "oncall_backup", "team_lead", "user:u1", "roster:r1:primary", "roster:r1:secondary", "channel:C0PLATFORM", "endpoint:e1"]);
    expect(values(["user:u1"])).not.toContain("user:u1");
  });
  it("takes a Slack channel that was typed", () => {
    expect(values([], "C0PAYMENTS")).toContain("channel:C0PAYMENTS");
    expect(values([], "Call")).not.toContain("channel:Call");
  });
});

import { describe, expect, it } from "vitest";

import { contentOf, draftOf, draftSchema, isRunnable, isSame, newDraft, refusalsOf, type Draft } from "./draft";

const draft: Draft = {
  name: "Payments",
  description: "",
  roster_id: "r1",
  lead_id: "",
  repeat_count: 1,
  tiers: [
    { timeout_minutes: 5, notify_via: ["slack_dm"], targets: ["oncall_primary", "user:u1"] },
    { timeout_minutes: 10, notify_via: ["sms"], targets: ["user:u2"] },
  ],
};
const problemsOf = (given: Draft) => (draftSchema.safeParse(given).error?.issues ?? []).map((issue) => issue.path.join("."));

describe("a draft", () => {
  it("of a stored policy that nobody touched is the same", () => {
    const stored = { ...contentOf(draft), description: "", roster_id: "r1", lead_id: null, repeat_count: 1 };
    expect(isSame(draftOf(stored), draft)).toBe(true);
    expect(isSame({ ...draft, tiers: [...draft.tiers].reverse() }, draft)).toBe(false);
  });
  it("tells each problem at its field", () => {
    expect(problemsOf(draft)).toEqual([]);
    expect(problemsOf({ ...draft, name: "  " })).toEqual(["name"]);
    expect(problemsOf({ ...draft, roster_id: "" })).toEqual(["roster_id"]);
    expect(problemsOf({ ...draft, tiers: [{ timeout_minutes: 0, notify_via: [], targets: ["user:u1"] }] })).toEqual(["tiers.0.timeout_minutes", "tiers.0.notify_via"]);
    expect(problemsOf({ ...draft, tiers: [{ ...draft.tiers[0]!, targets: ["team_lead"] }] })).toEqual(["lead_id"]);
    expect(problemsOf({ ...draft, tiers: [{ ...draft.tiers[0]!, timeout_minutes: Number.NaN }] })).toEqual(["tiers.0.timeout_minutes"]);
  });
  it("can be tried before it has a name, but not without a rung's targets", () => {
    expect(isRunnable(newDraft("r1"))).toBe(true);
    expect(isRunnable({ ...draft, tiers: [{ ...draft.tiers[0]!, targets: [] }] })).toBe(false);
  });
});

describe("the server's refusals", () => {
  const refused = (field: string) => refusalsOf({ fields: [{ field, reason: "no such active person" }] }, draft, (target) => `<${target}>`);
  it("stand at the rung that they mean, and name the target", () => {
    expect(refused("$.tiers[0].targets[1]")).toEqual([{ path: "tiers.0.targets", reason: "<user:u1>: no such active person" }]);
    expect(refused("$.policy.tiers[1].timeout_minutes")).toEqual([{ path: "tiers.1.timeout_minutes", reason: "no such active person" }]);
    expect(refused("$.name")).toEqual([{ path: "name", reason: "no such active person" }]);
  });
  it("that mean no field are told at the top", () => expect(refused("$")[0]!.path).toBe("root"));
  it("that mean all rungs are told at the rungs", () => expect(refused("$.tiers")[0]!.path).toBe("tiers"));
});

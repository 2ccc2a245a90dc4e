import { describe, expect, it } from "vitest";

import type { Roster } from "./queries";
import { contentOf, formField, formOf, hasChanged, rosterSchema } from "./roster-form";

const roster: Roster = {
  id: "r", name: "Platform", description: "Weekly, in turn", timezone: "Europe/Berlin", rotation_kind: "weekly", rotation_days: 7, rotation_hours: null, handoff_time: "09:00:00", handoff_day: 1,
  start_date: "2026-11-16", end_date: null, active_from: "08:00:00", active_until: "20:00:00", linked_roster_id: "l", max_weeks: 2, members: [], revision: 3, created_at: "", updated_at: "",
};

describe("the form of a roster", () => {
  it("sends all that it was given when it is not touched", () =>
    expect(contentOf(formOf(roster))).toEqual({
      name: "Platform", description: "Weekly, in turn", timezone: "Europe/Berlin", rotation_days: 7, rotation_hours: null, handoff_time: "09:00", handoff_day: 1,
      start_date: "2026-11-16", end_date: null, active_from: "08:00", active_until: "20:00", linked_roster_id: "l", max_weeks: 2,
    }));
  it("has not changed then, whatever the pattern", () => {
    for (const more of [{}, { rotation_days: 1 }, { rotation_days: 3 }, { rotation_days: 2, rotation_hours: 12 }]) expect(hasChanged(formOf({ ...roster, ...more }), { ...roster, ...more })).toBe(false);
  });
  it("has changed when a field has", () => expect(hasChanged({ ...formOf(roster), description: "" }, roster)).toBe(true));
  it("refuses what the server would", () => {
    const wrong = (more: object) => rosterSchema.safeParse({ ...formOf(roster), ...more }).error?.issues.map((issue) => issue.path.join("."));
    expect([wrong({}), wrong({ name: " " }), wrong({ timezone: "Mars/Base" }), wrong({ active_until: "" }), wrong({ end_date: "2026-01-01" }), wrong({ pattern: "days", length: "0" }), wrong({ max_weeks: "53" }), wrong({ pattern: "hours", length: "9000" })]).toEqual([
      undefined, ["name"], ["timezone"], ["active_until"], ["end_date"], ["length"], ["max_weeks"], ["length"],
    ]);
  });
  it("knows where the server's words belong", () => expect([formField("$.name"), formField("$.rotation_hours"), formField("$.members[0]")]).toEqual(["name", "length", null]));
});

import { describe, expect, it } from "vitest";

import { turnsOf } from "./turns";

const form = { timezone: "Europe/Berlin", pattern: "weekly" as const, length: "7", handoff_time: "09:00", handoff_day: "", start_date: "2026-10-19" };
const axis = { start: Date.parse("2026-10-19T00:00:00Z"), end: Date.parse("2026-11-10T00:00:00Z") };
const starts = (more: object, people = 2) => turnsOf({ ...form, ...more }, people, axis).map((turn) => [new Date(turn.start).toISOString().slice(0, 16), turn.holder]);

describe("the first turns", () => {
  it("keep the wall clock over Berlin's autumn", () => expect(starts({})).toEqual([["2026-10-19T07:00", 0], ["2026-10-26T08:00", 1], ["2026-11-02T08:00", 0], ["2026-11-09T08:00", 1]]));
  it("have a short first one where the handoff day is moved", () => expect(starts({ handoff_day: "3" }).slice(0, 3)).toEqual([["2026-10-19T07:00", 0], ["2026-10-21T07:00", 1], ["2026-10-28T08:00", 0]]));
  it("go by hours too", () => expect(starts({ pattern: "hours", length: "12" }).slice(0, 2)).toEqual([["2026-10-19T07:00", 0], ["2026-10-19T19:00", 1]]));
  it("are none without people", () => expect(starts({}, 0)).toEqual([]));
});

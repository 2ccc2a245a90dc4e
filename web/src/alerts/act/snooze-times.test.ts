import { describe, expect, it } from "vitest";

import { nextAt, snoozeError, snoozeTimes } from "./snooze-times";

const iso = (at: number) => new Date(at).toISOString();

describe("the next nine o'clock", () => {
  it("is this morning's before nine and tomorrow's after", () => {
    expect(iso(nextAt(9, Date.parse("2026-11-26T02:00:00Z"), "Europe/Berlin"))).toBe("2026-11-26T08:00:00.000Z");
    expect(iso(nextAt(9, Date.parse("2026-11-26T08:00:00Z"), "Europe/Berlin"))).toBe("2026-11-27T08:00:00.000Z");
  });
  it("counts the night in which clocks go back", () => expect(iso(nextAt(9, Date.parse("2026-10-24T20:00:00Z"), "Europe/Berlin"))).toBe("2026-10-25T08:00:00.000Z"));
  it("knows zones off the hour", () => expect(iso(nextAt(9, Date.parse("2026-11-26T00:00:00Z"), "Asia/Kathmandu"))).toBe("2026-11-26T03:15:00.000Z"));
});

it("four times are offered, each ahead", () => {
  const now = Date.parse("2026-11-26T02:00:00Z");
  const times = snoozeTimes(now, "UTC");
  expect(times.map((each) => each.until)).toEqual(["2026-11-26T02:30:00.000Z", "2026-11-26T03:00:00.000Z", "2026-11-26T06:00:00.000Z", "2026-11-26T09:00:00.000Z"]);
});

it("a time of one's own lies ahead, and within a year", () => {
  const now = Date.parse("2026-11-26T02:00:00Z");
  expect([snoozeError("", now), snoozeError("2020-01-01T00:00", now), snoozeError("2030-01-01T00:00", now), snoozeError("2026-12-01T00:00", now)]).toEqual(["Say a day and a time.", "That is over already.", "At most a year ahead.", null]);
});

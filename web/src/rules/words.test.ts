import { describe, expect, it } from "vitest";

import { groupingWords, lengthWords, routeWords, windowWords } from "./words";

const open = { service_id: null, policy_id: null, slack_channel: null, pages_from: null, continues: false };
const names = { policies: [{ id: "p1", name: "Payments" }], services: [{ id: "s1", name: "checkout" }] };

describe("a route in words", () => {
  it("names what it decides", () => {
    expect(routeWords({ ...open, service_id: "s1", policy_id: "p1", pages_from: "warning", continues: true }, names)).toEqual(["service checkout", "policy Payments", "pages from warning", "later routes may decide the rest"]);
  });
  it("says so when it decides nothing, and keeps the id of what is gone", () => {
    expect(routeWords(open, names)).toEqual(["decides nothing"]);
    expect(routeWords({ ...open, policy_id: "p9", pages_from: "never" }, names)).toEqual(["policy p9", "pages nobody"]);
  });
});

it("a grouping rule says who pages", () => {
  expect(groupingWords({ group_by: ["cluster"], threshold: 1, window_minutes: 30, pages: "first" })).toEqual(["one group per cluster", "takes alerts for 30 min after the last", "the first alert pages for all"]);
  expect(groupingWords({ group_by: [], threshold: 5, window_minutes: 10, pages: "each" })[1]).toBe("begins with 5 alerts in 10 min");
});

it("a window says its wall clock and zone", () => {
  expect(windowWords({ starts_at: "2026-03-01T02:00:00", duration_minutes: 90, rrule: "FREQ=WEEKLY;BYDAY=SU", timezone: "Europe/Berlin" })).toBe("every week on Sunday at 02:00, from 2026-03-01; 1 h 30 min; Europe/Berlin");
  expect([5, 60, 125].map(lengthWords)).toEqual(["5 min", "1 h", "2 h 05 min"]);
});

import { describe, expect, it } from "vitest";

import { pinsWith, pinsWithout, spanAround } from "./pins";

const pin = (id: string, user: string) => ({ id, user: { id: user, display_name: user }, turn_at: "2026-03-02T08:00:00Z", reason: "knows it", created_at: "2026-01-01T00:00:00Z" });
const content = (user_id: string) => ({ user_id, turn_at: "2026-03-02T08:00:00Z", reason: "knows it" });

it("a lock stands beside those that are there, and goes alone", () => {
  const standing = [pin("1", "ada"), pin("2", "bob")];
  expect(pinsWith(standing, content("cid"))).toEqual([content("ada"), content("bob"), content("cid")]);
  expect(pinsWithout(standing, "1")).toEqual([content("bob")]);
});

describe("the span of a preview", () => {
  const shift = { starts_at: "2026-03-10T08:00:00.000Z", ends_at: "2026-03-17T08:00:00.000Z" };
  const span = (now: string) => spanAround(shift, 86_400_000, Date.parse(now));
  it("begins no earlier than now", () => expect(span("2026-03-10T02:00:00Z")).toEqual({ starts_at: "2026-03-10T02:00:00.000Z", ends_at: "2026-03-18T08:00:00.000Z" }));
  it("has the day before where that is still to come", () => expect(span("2026-03-01T00:00:00Z").starts_at).toBe("2026-03-09T08:00:00.000Z"));
  it("has all of a shift that runs", () => expect(span("2026-03-12T00:00:00Z").starts_at).toBe(shift.starts_at));
});

import { expect, it } from "vitest";

import { inputOf, instantOf } from "./local-input";

it("a field and an instant mean the same minute", () => {
  expect(instantOf(inputOf("2026-03-14T03:07:00Z"))).toBe("2026-03-14T03:07:00.000Z");
  expect(inputOf(Date.parse("2026-03-14T03:07:59Z"))).toBe(inputOf("2026-03-14T03:07:00Z"));
});
it("both are in the zone in which times are shown", () => {
  expect(inputOf("2026-03-14T03:07:00Z", "Asia/Kathmandu")).toBe("2026-03-14T08:52");
  expect(instantOf("2026-03-14T08:52", "Asia/Kathmandu")).toBe("2026-03-14T03:07:00.000Z");
});
it("an empty or half typed field means none", () => expect(["", "2026-03", "soon"].map((value) => instantOf(value))).toEqual([null, null, null]));

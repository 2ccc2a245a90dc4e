import { describe, expect, it } from "vitest";

import { boxOf, clip, instantAt, stack } from "./axis";

const axis = { start: 100, end: 200 };

describe("an axis", () => {
  it("cuts what hangs over", () => expect(boxOf(axis, { start: 50, end: 150 })).toEqual({ left: 0, width: 50 }));
  it("has a place for an instant", () => expect(boxOf(axis, { start: 150, end: 150 })).toEqual({ left: 50, width: 0 }));
  it("shows nothing of what is beside it", () => {
    expect(clip(axis, { start: 0, end: 100 })).toBeNull();
    expect(boxOf(axis, { start: 0, end: 100 }).width).toBe(0);
  });
  it("knows the instant below a finger, and no further than its ends", () => expect([instantAt(axis, 0.25), instantAt(axis, 3), instantAt(axis, -1)]).toEqual([125, 200, 100]));
  it("knows instants as whole milliseconds, which zones need", () => expect(instantAt(axis, 1 / 3)).toBe(133));
  it("stacks what touches, and only that", () => {
    const rows = stack([{ start: 5, end: 9 }, { start: 0, end: 5 }, { start: 4, end: 6 }]);
    expect(rows.map((each) => [each.start, each.row])).toEqual([[0, 0], [4, 1], [5, 0]]);
  });
});

import { describe, expect, it } from "vitest";

import { barsInWords, barsOf } from "./spark";

describe("bars", () => {
  it("fill the box with the highest, and show the smallest that is not nothing", () => {
    const bars = barsOf([0, 1, 400], { width: 30, height: 40, gap: 2 });
    expect(bars.map(({ x, y, width, height }) => [x, y, width, height])).toEqual([
      [0, 40, 8, 0],
      [10, 39, 8, 1],
      [20, 0, 8, 40],
    ]);
  });
  it("of a day without alerts are none", () => expect(barsOf([0, 0], { width: 2, height: 9, gap: 0 }).every((bar) => bar.height === 0)).toBe(true));
});

describe("in words", () => {
  it("tell the sum, the worst hour and the last one", () => {
    expect(barsInWords([0, 7, 1, 2])).toBe("10 alerts in 24 hours; most in one hour: 7, 2 h ago; in the last hour: 2.");
    expect(barsInWords([0, 0, 1])).toBe("1 alert in 24 hours; most in one hour: 1, in the last hour; in the last hour: 1.");
    expect(barsInWords([0, 0])).toBe("No alert arrived in the last 24 hours.");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { niceTop, pathOf, stacksOf } from "./chart";

const BOX = { width: 100, height: 50 };

describe("stacks", () => {
  it("stand on the ground, without overlap, and end where their sum is", () => {
    const columns = fc.array(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 92 });
    fc.assert(
      fc.property(columns, (given) => {
        const top = niceTop(Math.max(...given.map((parts) => parts.reduce((a, b) => a + b, 0))));
        for (const [index, rects] of stacksOf(given, top, BOX).entries()) {
          let ground = BOX.height;
          for (const rect of rects) {
            expect(rect.y + rect.height).toBeCloseTo(ground);
            ground = rect.y;
          }
          expect(BOX.height - ground).toBeCloseTo((given[index]!.reduce((a, b) => a + b, 0) / top) * BOX.height);
          expect(ground).toBeGreaterThanOrEqual(-1e-9);
        }
      }),
    );
  });
});

it("has a top that reads well and is never below the values", () => expect([0, 1, 3, 7, 12, 60, 200, 201].map(niceTop)).toEqual([1, 1, 5, 10, 20, 100, 200, 500]));

it("breaks the line where there is no value", () => expect(pathOf([10, null, 5, 0], 10, { width: 40, height: 10 })).toBe("M5 0L5 0M25 5L25 5L35 10"));

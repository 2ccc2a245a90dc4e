import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { moved, placesOf, slotAt } from "./order";

describe("moving an item", () => {
  it("puts it where it was let go", () => {
    expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
    expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  });

  const move = fc.integer({ min: 1, max: 12 }).chain((count) => fc.tuple(fc.constant(count), fc.nat(count - 1), fc.nat(count - 1)));
  it("loses and doubles nothing, and is undone by the way back", () =>
    fc.assert(
      fc.property(move, ([count, from, to]) => {
        const items = Array.from({ length: count }, (_, index) => index);
        const next = moved(items, from, to);
        expect([...next].sort((a, b) => a - b)).toEqual(items);
        expect(next[to]).toBe(from);
        expect(moved(next, to, from)).toEqual(items);
      }),
    ));
  it("shows the places that the list will have", () =>
    fc.assert(
      fc.property(move, ([count, from, to]) => {
        const places = placesOf(count, from, to);
        moved(Array.from({ length: count }, (_, index) => index), from, to).forEach((item, place) => expect(places[item]).toBe(place));
      }),
    ));
});

describe("the slot under a pointer", () => {
  const middles = [50, 150, 250];
  it("changes when the middle of a neighbour is passed, not before", () => {
    expect([10, 140, 160, 240, 260].map((y) => slotAt(y, middles, 0))).toEqual([0, 0, 1, 1, 2]);
    expect([260, 160, 140, 40].map((y) => slotAt(y, middles, 2))).toEqual([2, 2, 1, 0]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cut } from "./spans";

describe("cutting", () => {
  it("marks the spans", () => {
    expect(cut("disk almost full", [{ start: 0, end: 4 }, { start: 12, end: 16 }])).toEqual([
      { text: "disk", isMarked: true },
      { text: " almost ", isMarked: false },
      { text: "full", isMarked: true },
    ]);
  });
  it("counts characters, not the units of a string", () => expect(cut("🦉🦉 owl", [{ start: 3, end: 6 }])[1]).toEqual({ text: "owl", isMarked: true }));
  it("loses nothing, whatever the spans are", () => {
    const span = fc.record({ start: fc.nat(30), end: fc.nat(30) });
    fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), fc.array(span), (text, spans) => cut(text, spans).map((piece) => piece.text).join("") === text));
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { durationText, secondsFrom } from "./duration";

describe("spans", () => {
  it("are read as they are typed", () => expect(["5m", "1 d 2 h", "90s", "2 hours", "0", "10 min"].map(secondsFrom)).toEqual([300, 93_600, 90, 7_200, 0, 600]));
  it("are told from other words", () => expect(["", "soon", "5", "5 m x", "-5 m"].map(secondsFrom)).toEqual([null, null, null, null, null]));
  it("come back as they were", () => fc.assert(fc.property(fc.nat(2_678_400), (seconds) => secondsFrom(durationText(seconds)) === seconds)));
});

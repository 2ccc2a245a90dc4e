import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { changedKeys, chosenOf, mapOf, wrongKeys } from "./key-actions";
import { mapKeys, shownKey, usualKey } from "@/ui/key-map";

describe("chosen keys", () => {
  it("may be any sign that no other action has", () => {
    expect(wrongKeys({ acknowledge: "q", resolve: "ö", next: "1" })).toEqual({});
    expect(Object.keys(wrongKeys({ acknowledge: "s" }))).toEqual(["snooze", "acknowledge"].toSorted());
    expect(wrongKeys({ acknowledge: "s" })["acknowledge"]).toBe("Also the key for: snooze.");
    expect(["", " ", "ab", "A"].map((key) => wrongKeys({ undo: key })["undo"])).toEqual(Array(4).fill("One letter, digit or sign."));
  });
  it("collide with investigating too", () => {
    expect(wrongKeys({ comment: "i" })).toEqual({ investigate: "Also the key for: comment.", comment: "Also the key for: investigate." });
    expect(mapOf({ investigate: "v" })).toEqual({ i: "v" });
  });
  it("may change places", () => expect(wrongKeys({ acknowledge: "s", snooze: "a" })).toEqual({}));
  it("are kept where they differ", () => expect(changedKeys({ acknowledge: "a", snooze: "z" })).toEqual({ snooze: "z" }));
  it("that contradict each other are all as usual", () => expect([mapOf({ acknowledge: "s" }), mapOf({ acknowledge: "q" })]).toEqual([{}, { a: "q" }]));
  it("are known again from what this browser keeps", () => expect(chosenOf(mapOf({ acknowledge: "q" }))).toEqual({ acknowledge: "q" }));
});

describe("a press", () => {
  beforeEach(() => vi.stubGlobal("localStorage", { setItem: () => undefined }));
  afterEach(() => {
    mapKeys({});
    vi.unstubAllGlobals();
  });
  it("stands for the usual key, whose own press does nothing then", () => {
    mapKeys({ a: "q", x: "v" });
    expect([usualKey("q"), usualKey("a"), usualKey("shift+v"), usualKey("shift+x"), usualKey("s"), usualKey("Escape")]).toEqual(["a", null, "shift+x", null, "s", "Escape"]);
  });
  it("changes places with another", () => {
    mapKeys({ a: "s", s: "a" });
    expect([usualKey("a"), usualKey("s")]).toEqual(["s", "a"]);
  });
  it("is named as it is made", () => {
    mapKeys({ g: "h", n: "z" });
    expect([shownKey("g n"), shownKey("n"), shownKey("a")]).toEqual(["h n", "z", "a"]);
  });
});

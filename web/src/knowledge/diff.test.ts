import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { diffLines, textOf } from "./diff";

describe("line differences", () => {
  it("name what went and what came", () => {
    expect(diffLines("a\nb\nc", "a\nx\nc").map(({ kind, text }) => `${kind} ${text}`)).toEqual(["same a", "gone b", "new x", "same c"]);
    expect(diffLines("", "a")).toEqual([{ kind: "new", text: "a" }]);
  });
  it("hold both texts, whatever they are", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", "d "), { maxLength: 30 }).map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after);
        const kept = (without: string) => lines.filter(({ kind }) => kind !== without).map((each) => each.text).join("\n");
        return kept("new") === before && kept("gone") === after;
      }),
    );
  });
  it("do not compare what is too long", () => expect(diffLines("a\n".repeat(1_000), "a\n".repeat(1_000)).filter(({ kind }) => kind === "same")).toEqual([]));
});

describe("values", () => {
  it("are texts", () => expect([textOf(null), textOf(["a", "b"]), textOf(3), textOf("x")]).toEqual(["", "a\nb", "3", "x"]));
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { diffLines, markOwn, textOf } from "./diff";

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

describe("texts beside each other", () => {
  it("mark on each side what the other has not", () => {
    expect(markOwn("look\ndrop the slot\nwait", "look\ngrow the volume\nwait\ntell")).toEqual({
      left: [{ text: "look", isOwn: false }, { text: "drop the slot", isOwn: true }, { text: "wait", isOwn: false }],
      right: [{ text: "look", isOwn: false }, { text: "grow the volume", isOwn: true }, { text: "wait", isOwn: false }, { text: "tell", isOwn: true }],
    });
  });
  it("are whole, and mark nothing where they are the same", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 20 }).map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, text, (left, right) => {
        const marked = markOwn(left, right);
        const joined = (lines: typeof marked.left) => lines.map((each) => each.text).join("\n");
        const isMarked = [...marked.left, ...marked.right].some((each) => each.isOwn);
        return joined(marked.left) === left && joined(marked.right) === right && isMarked === (left !== right);
      }),
    );
  });
});

describe("values", () => {
  it("are texts", () => expect([textOf(null), textOf(["a", "b"]), textOf(3), textOf("x")]).toEqual(["", "a\nb", "3", "x"]));
});

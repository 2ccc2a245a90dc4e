import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { nextOrder, NOTHING_SHOWN, placeOf, takeOver } from "./order";

const split = (text: string) => text.split(" ").map((page) => [...page]);

describe("an order that nobody touches", () => {
  it("is the newest one", () => expect(nextOrder(takeOver(split("abc")), split("xcab"), false).ids).toEqual([..."xcab"]));
  it("stays the same object when nothing is new", () => {
    const shown = takeOver(split("abc"));
    expect(nextOrder(shown, split("abc"), false)).toBe(shown);
  });
});

describe("a frozen order", () => {
  const shown = takeOver(split("abc"));

  it("lets new rows wait", () => {
    const next = nextOrder(shown, split("xaybc"), true);
    expect(next.ids).toEqual([..."abc"]);
    expect(next.waiting).toEqual([..."xy"]);
    expect(next.isMoved).toBe(false);
  });

  it("keeps rows that the newest answer moved or no longer has, and says so", () => {
    const next = nextOrder(shown, split("cb"), true);
    expect(next.ids).toEqual([..."abc"]);
    expect(next.isMoved).toBe(true);
  });

  it("grows at its end by further pages", () => {
    const next = nextOrder(shown, split("abc def"), true);
    expect(next.ids).toEqual([..."abcdef"]);
    expect(next.waiting).toEqual([]);
    expect(next.isMoved).toBe(false);
  });

  it("takes rows that slid up from the next page to its end, not among the new ones", () => {
    const next = nextOrder(shown, split("bcd"), true);
    expect(next.ids).toEqual([..."abcd"]);
    expect(next.waiting).toEqual([]);
  });

  it("shows a row once though it slid onto a further page", () => {
    const next = nextOrder(shown, split("xab cde"), true);
    expect(next.ids).toEqual([..."abcde"]);
    expect(next.waiting).toEqual(["x"]);
  });

  it("forgets what waited once the server no longer has it", () => {
    const waited = nextOrder(shown, split("xabc"), true);
    expect(nextOrder(waited, split("abc"), true).waiting).toEqual([]);
  });

  it("begins with the first answer", () => expect(nextOrder(NOTHING_SHOWN, split("ab"), true).ids).toEqual([..."ab"]));
});

it("whatever comes, a frozen order moves no row, and letting go shows exactly the newest", () => {
  const answer = fc.uniqueArray(fc.integer({ min: 0, max: 30 }).map(String), { maxLength: 20 }).chain((ids) =>
    fc.integer({ min: 1, max: 8 }).map((size) => Array.from({ length: Math.ceil(ids.length / size) }, (_, page) => ids.slice(page * size, (page + 1) * size))),
  );
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 8 }), (answers) => {
      let shown = NOTHING_SHOWN;
      for (const pages of answers) {
        const next = nextOrder(shown, pages, true);
        expect(next.ids.slice(0, shown.ids.length)).toEqual(shown.ids);
        expect(new Set(next.ids).size).toBe(next.ids.length);
        const all = new Set([...next.ids, ...next.waiting]);
        expect(all.size).toBe(next.ids.length + next.waiting.length);
        for (const id of pages.flat()) expect(all.has(id)).toBe(true);
        shown = next;
      }
      expect(nextOrder(shown, answers.at(-1)!, false).ids).toEqual(answers.at(-1)!.flat());
    }),
  );
});

describe("the cursor", () => {
  it("stays with its alert", () => expect(placeOf([..."xab"], "a", 0)).toBe(1));
  it("takes the place of a row that went", () => {
    expect(placeOf([..."ab"], "c", 1)).toBe(1);
    expect(placeOf([..."ab"], "c", 5)).toBe(1);
    expect(placeOf([], "c", 5)).toBe(-1);
  });
});

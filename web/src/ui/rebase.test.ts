import { describe, expect, it } from "vitest";

import { rebase } from "./rebase";

describe("rebasing", () => {
  const base = { title: "a", text: "b", tags: "c" };
  it("keeps what was typed and takes the rest", () => {
    expect(rebase(base, { ...base, title: "mine" }, { ...base, text: "theirs" })).toEqual({ values: { title: "mine", text: "theirs", tags: "c" }, clashes: [] });
  });
  it("tells what both changed", () => {
    expect(rebase(base, { ...base, title: "mine" }, { ...base, title: "theirs" })).toEqual({ values: { ...base, title: "mine" }, clashes: ["title"] });
  });
  it("finds no clash where both wrote the same", () => expect(rebase(base, { ...base, tags: "x" }, { ...base, tags: "x" }).clashes).toEqual([]));
});

import { beforeEach, describe, expect, it } from "vitest";

import { keepDone, readDone } from "./kept";

class Shelf extends Map<string, string> {
  getItem = (key: string) => this.get(key) ?? null;
  setItem = (key: string, value: string) => void this.set(key, value);
  removeItem = (key: string) => void this.delete(key);
  key = (index: number) => [...this.keys()][index] ?? null;
  get length() {
    return this.size;
  }
}

describe("steps", () => {
  let shelf: Shelf;
  beforeEach(() => void (shelf = new Shelf()));
  it("are kept per name", () => {
    keepDone(shelf, "a", new Set(["one"]), 1);
    expect([...readDone(shelf, "a")]).toEqual(["one"]);
    expect([...readDone(shelf, "b")]).toEqual([]);
  });
  it("are forgotten after a month, and nothing else is", () => {
    shelf.set("other", "x");
    keepDone(shelf, "old", new Set(["one"]), 1);
    keepDone(shelf, "new", new Set(["two"]), 1 + 31 * 24 * 3_600_000);
    expect([...shelf.keys()]).toEqual(["other", "nightowl.steps.new"]);
  });
  it("survive what cannot be read", () => {
    shelf.set("nightowl.steps.a", "{");
    expect(readDone(shelf, "a").size).toBe(0);
  });
});

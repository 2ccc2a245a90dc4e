import { describe, expect, it } from "vitest";

import { hasNews, knownAfter, type Newest } from "./view-sounds";

/** Looks one after the other; whether each of them heard something. */
function heard(...looks: ReadonlyArray<readonly Newest[]>): boolean[] {
  let known: ReadonlyMap<string, string> = new Map();
  return looks.map((now) => {
    const isHeard = hasNews(known, now);
    known = knownAfter(known, now);
    return isHeard;
  });
}
const newest = (id: string | null, view = "mine"): Newest => ({ view, newest: id });

describe("a view with a sound", () => {
  it("is silent at first, and heard when an alert comes", () => expect(heard([newest("a1")], [newest("a1")], [newest("a2")], [newest("a2")])).toEqual([false, false, true, false]));
  it("is heard from empty on", () => expect(heard([newest(null)], [newest("a1")])).toEqual([false, true]));
  it("is silent when its newest goes, and when that comes back", () => expect(heard([newest("a2")], [newest("a1")], [newest(null)], [newest("a2")])).toEqual([false, false, false, false]));
  it("is silent when it is new itself", () => expect(heard([newest("a1")], [newest("a1"), newest("a9", "other")])).toEqual([false, false]));
});

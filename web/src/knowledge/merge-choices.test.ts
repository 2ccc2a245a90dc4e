import { describe, expect, it } from "vitest";

import { canBeBoth, differing, undecided, united } from "./merge-choices";
import type { Incident } from "./queries";

const entry = (values: Partial<Incident>) => ({ title: "a", severity: "info", category: null, symptoms: "", root_cause: "", solution: "", runbook_id: null, postmortem_url: null, ...values }) as Incident;

describe("merging", () => {
  it("asks only where both have something of their own", () => {
    expect(differing(entry({ title: "a", solution: "x", symptoms: "same" }), entry({ title: "b", solution: "y", symptoms: "same", root_cause: "z" }))).toEqual(["title", "solution"]);
  });
  it("leaves no text undecided", () => {
    const [target, source] = [entry({ solution: "x" }), entry({ title: "b", solution: "y" })];
    expect(undecided(target, source, {})).toEqual(["solution"]);
    expect(undecided(target, source, { solution: "both" })).toEqual([]);
  });
  it("puts texts together and nothing else", () => expect([canBeBoth("solution"), canBeBoth("title")]).toEqual([true, false]));
  it("unites lists in order", () => expect(united(["a", "b"], ["b", "c"])).toEqual(["a", "b", "c"]));
});

import { describe, expect, it } from "vitest";

import { chipsOf, filterOf, keyOf, standOf, toAlertSearch, viewQueryOf, wantedOf, withOnly, withStand } from "./search";

describe("what stands in the URL", () => {
  it("is taken as it was typed, and the rest is dropped", () => {
    const given = { status: "firing", severity: ["major", "major", "enormous"], q: 500, not_service: ["", "orders"], knowledge: true, muted: "maybe", after: "yesterday", page: 3, sort: "newest", job: "j1" };
    expect(toAlertSearch(given)).toEqual({ status: "firing", severity: "major", q: "500", not_service: ["", "orders"], knowledge: true, sort: "newest", job: "j1" });
  });

  it("has the urgent order unless it says otherwise", () => expect(toAlertSearch({ sort: "urgent" })).toEqual({}));
});

it("a filter has one key, whatever the order of its values", () => {
  expect(keyOf({ service: ["b", "a"], status: "firing" })).toBe(keyOf({ status: ["firing"], service: ["a", "b"] }));
  expect(keyOf({ service: "a" })).not.toBe(keyOf({ not_service: "a" }));
});

it("calls get lists, and an absent field stays absent", () => {
  expect(wantedOf({ service: "", not_status: ["resolved"], q: "disk", knowledge: false })).toEqual({ service: [""], not_status: ["resolved"], q: "disk", knowledge: false });
});

it("views keep texts, and come back as the same filter", () => {
  const filter = filterOf({ holder: "none", knowledge: true, label: ["team=a", "env!=test"] });
  expect(viewQueryOf(filter)).toEqual({ holder: "none", knowledge: "true", label: ["team=a", "env!=test"] });
  expect(filterOf(viewQueryOf(filter))).toEqual(filter);
});

describe("a value of a facet", () => {
  it("is asked for or left out, never both", () => {
    const asked = withStand({}, "service", "orders", "in");
    expect(asked).toEqual({ service: "orders" });
    const leftOut = withStand(asked, "service", "orders", "out");
    expect(leftOut).toEqual({ not_service: "orders" });
    expect(standOf(leftOut, "service", "orders")).toBe("out");
    expect(withStand(leftOut, "service", "orders", "free")).toEqual({});
  });

  it("alone replaces what the field said, and nothing else", () => {
    expect(withOnly({ service: ["a", "b"], not_service: "c", q: "disk" }, "service", "d")).toEqual({ service: "d", q: "disk" });
  });
});

it("each chip takes away itself", () => {
  const filter = filterOf({ q: "disk", service: ["a", "b"], not_status: "resolved", knowledge: false });
  const chips = chipsOf(filter);
  expect(chips.map(({ field, value, isLeftOut }) => [field, value, isLeftOut])).toEqual([
    ["q", "disk", false],
    ["service", "a", false],
    ["service", "b", false],
    ["not_status", "resolved", true],
    ["knowledge", "false", false],
  ]);
  expect(chips[1]!.rest).toEqual({ q: "disk", service: "b", not_status: "resolved", knowledge: false });
  expect(chips[0]!.rest).toEqual({ service: ["a", "b"], not_status: "resolved", knowledge: false });
});

it("what a rule mutes is asked for by the rule, and can be taken away", () => {
  const filter = filterOf({ muted_by: "s1" });
  expect(wantedOf(filter)).toEqual({ muted_by: ["s1"] });
  expect(chipsOf(filter)).toEqual([{ field: "muted_by", isLeftOut: false, value: "s1", rest: {} }]);
  expect(keyOf(filter)).not.toBe(keyOf({}));
});

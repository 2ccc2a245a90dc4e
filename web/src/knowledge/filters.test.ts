import { describe, expect, it } from "vitest";

import { fits, isNarrowed, readFilters } from "./filters";

describe("filters", () => {
  it("come from an address, without what it cannot mean", () => {
    expect(readFilters({ q: "disk", severity: ["critical", "no such"], category: " ", status: "deleted", x: 1 })).toEqual({ q: "disk", severity: ["critical"] });
    expect(readFilters({ severity: "info", status: "archived" })).toEqual({ severity: ["info"], status: "archived" });
  });
  it("narrow hits", () => {
    const incident = { severity: "major", category: "storage", services: ["orders"], status: "active" } as const;
    expect(fits({ ...incident, services: ["orders"] }, { severity: ["major"], service: "orders" })).toBe(true);
    expect(fits({ ...incident, services: ["orders"] }, { service: "payments" })).toBe(false);
    expect(fits({ ...incident, services: [] }, { status: "archived" })).toBe(false);
  });
  it("know whether they do anything", () => expect([isNarrowed({ q: "x" }), isNarrowed({ status: "merged" })]).toEqual([false, true]));
});

import { describe, expect, it } from "vitest";

import { auditSearch } from "./audit-search";
import { diffOf } from "./diff";
import { pageOf } from "./links";

describe("a change in the audit log", () => {
  it("is told field by field, with what was and what is", () => {
    expect(diffOf({ status: ["firing", "acknowledged"], title: [null, "Zürich – ünïcode"], tags: [["a"], ["a", "b"]], reason: "closed" })).toEqual([
      { field: "status", before: "firing", after: "acknowledged" },
      { field: "title", before: null, after: "Zürich – ünïcode" },
      { field: "tags", before: '["a"]', after: '["a","b"]' },
      { field: "reason", before: null, after: "closed" },
    ]);
  });
});

describe("the filter", () => {
  it("keeps its own fields and nothing else of an address", () => {
    expect(auditSearch({ actor: "ada", action: "", page: 3, entity: 7 })).toEqual({ actor: "ada" });
  });
});

describe("entities", () => {
  it("lead to their pages where they have one", () => {
    expect([pageOf("policy", "7"), pageOf("user", "7"), pageOf("policy", null), pageOf("config", "7")]).toEqual(["/policies/7", "/admin/users/7", null, null]);
  });
});

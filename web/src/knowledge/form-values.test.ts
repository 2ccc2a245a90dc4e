import { describe, expect, it } from "vitest";

import { contentFrom, NOTHING, valuesOf } from "./form-values";

describe("a form's values", () => {
  const content = {
    title: "Disk full", severity: "major", category: null, fingerprints: ["a,b", "c"], tags: ["disk", "db"], services: [], clusters: ["eu-1"], namespaces: [],
    symptoms: "x\n", error_patterns: ["no space, left", "b{1,3}"], root_cause: "", solution: "1. df", postmortem_url: null, runbook_id: null,
  } as const;
  const mutable = structuredClone(content) as unknown as Parameters<typeof valuesOf>[0];
  it("come back as they were", () => expect(contentFrom(valuesOf(mutable))).toEqual(content));
  it("know no value twice and no empty one", () => expect(contentFrom({ ...NOTHING, tags: "a, ,b\na" }).tags).toEqual(["a", "b"]));
});

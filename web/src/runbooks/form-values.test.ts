import { describe, expect, it } from "vitest";

import { contentFrom, valuesOf } from "./form-values";
import { withoutTitle } from "./title";

describe("a runbook's values", () => {
  it("come back as they were", () => {
    const content = { title: "a", markdown: "# a\n", category: null, tags: ["x", "y"], is_template: true };
    expect(contentFrom(valuesOf(content))).toEqual(content);
  });
});

describe("a text", () => {
  it("does not say its title twice", () => {
    expect(withoutTitle("# Disk full\n\nLook", "Disk full")).toBe("\nLook");
    expect(withoutTitle("# Another\nLook", "Disk full")).toBe("# Another\nLook");
    expect(withoutTitle("Disk full\nLook", "Disk full")).toBe("Disk full\nLook");
  });
});

import { describe, expect, it } from "vitest";

import { readDocument } from "./document";

describe("an export that is read", () => {
  it("keeps what the API takes", () => {
    expect(readDocument('{"version": 1, "incidents": [{"title": "a", "severity": "info"}], "extra": 2}')).toEqual({ version: 1, incidents: [{ title: "a", severity: "info" }], runbooks: [] });
  });
  it("is told from other files", () => {
    for (const text of ["", "{", "[]", "null", '{"incidents": 3}', "{}"]) expect(() => readDocument(text), text).toThrow(/not/u);
  });
});

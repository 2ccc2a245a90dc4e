import { describe, expect, it } from "vitest";

import { faultOf, labelsFrom, labelText, matchersFrom, matcherText } from "./matchers";

describe("matchers", () => {
  it("come back as they were", () => {
    const matchers = [{ name: "alertname", op: "=", value: "Watchdog" }, { name: "@title", op: "!~", value: 'a "b"\\d=1' }] as const;
    expect(matchersFrom(matcherText(matchers))).toEqual(matchers);
  });
  it("may be typed loosely", () => expect(matchersFrom('cluster =~ eu-.+\n\n team!=""')).toEqual([{ name: "cluster", op: "=~", value: "eu-.+" }, { name: "team", op: "!=", value: "" }]));
  it("tell the line that is none", () => expect(faultOf(matchersFrom, "a=b\nnonsense")).toContain('"nonsense"'));
});

describe("labels", () => {
  it("come back as they were", () => expect(labelsFrom(labelText({ service: "payments", url: "a=b" }))).toEqual({ service: "payments", url: "a=b" }));
  it("tell the line that is none", () => expect(faultOf(labelsFrom, "=x")).toContain('"=x"'));
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { matchersText, OPS, parseMatchers, type Matcher } from "./matcher";

const read = (text: string) => parseMatchers(text).matchers;
const errorOf = (text: string) => parseMatchers(text).error;

describe("conditions as text", () => {
  it("are read as they are pasted", () => {
    const two: Matcher[] = [
      { name: "severity", op: "=", value: "critical" },
      { name: "service", op: "=~", value: "pay.*" },
    ];
    for (const text of ['severity="critical",service=~"pay.*"', '{severity="critical", service=~"pay.*"}', ' { severity = critical , service =~ pay.* , } ', "severity=critical,service=~pay.*,"]) expect(read(text)).toEqual(two);
  });
  it("know the four operators", () => expect(read('a="1",b!="2",c=~"3",d!~"4"')?.map(({ op }) => op)).toEqual(["=", "!=", "=~", "!~"]));
  it("know the alert's own fields and names in quotes", () => expect(read('@severity=major,"a label"=x')?.map(({ name }) => name)).toEqual(["@severity", "a label"]));
  it("keep commas, braces, quotes and backslashes that stand in quotes", () => {
    expect(read(String.raw`a="x, y}",b="say \"hi\"",c=~"\d+\\",d="two\nlines"`)).toEqual([
      { name: "a", op: "=", value: "x, y}" },
      { name: "b", op: "=", value: 'say "hi"' },
      { name: "c", op: "=~", value: String.raw`\d+` + "\\" },
      { name: "d", op: "=", value: "two\nlines" },
    ]);
  });
  it("may be none, and a value may be empty", () => {
    expect(read("")).toEqual([]);
    expect(read("{}")).toEqual([]);
    expect(read('a="", b=')).toEqual([{ name: "a", op: "=", value: "" }, { name: "b", op: "=", value: "" }]);
  });
  it("say where they cannot be read", () => {
    expect(errorOf("severity")).toBe("At character 9: after severity, one of = != =~ !~ is missing.");
    expect(errorOf('a="x')).toBe("At character 3: this quote is not closed.");
    expect(errorOf('a="x" b="y"')).toBe("At character 7: a comma is missing.");
    expect(errorOf('{a="x"')).toBe("At character 7: the closing } is missing.");
    expect(errorOf('{a="x"} b')).toBe("At character 9: there is something behind the }.");
    expect(errorOf('="x"')).toBe("At character 1: a label is missing.");
  });

  const matcher = fc.record({ name: fc.string({ minLength: 1, unit: "grapheme" }), op: fc.constantFrom(...OPS), value: fc.string({ unit: "grapheme" }) });
  it("come back the same, whatever they hold", () => {
    fc.assert(
      fc.property(fc.array(matcher, { maxLength: 5 }), (matchers) => {
        expect(read(matchersText(matchers))).toEqual(matchers);
        expect(read(`{${matchersText(matchers)}}`)).toEqual(matchers);
      }),
      { numRuns: 500 },
    );
  });
  it("never fail in another way than by saying so", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { matchers, error } = parseMatchers(text);
        expect(matchers === null).toBe(error !== null);
      }),
      { numRuns: 500 },
    );
  });
});

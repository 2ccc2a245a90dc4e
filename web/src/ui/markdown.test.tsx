import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Markdown } from "./markdown";
import { parseInline, plainText, safeHref } from "./markdown-inline";
import { parseMarkdown, stepsOf } from "./markdown-tree";

const html = (text: string) => renderToStaticMarkup(createElement(Markdown, { text }));

describe("blocks", () => {
  it("are told apart", () => {
    const kinds = parseMarkdown("# A\n\ntext\n\n```sh\nls\n```\n\n- a\n- b\n\n1. one\n2. two\n\n> said\n\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |\n").map((block) => block.kind);
    expect(kinds).toEqual(["heading", "paragraph", "code", "list", "list", "quote", "rule", "table"]);
  });
  it("keep code as it is, also without an end", () => {
    expect(parseMarkdown("```\n  # no heading\n\n* x\n```")).toEqual([{ kind: "code", language: "", text: "  # no heading\n\n* x" }]);
    expect(parseMarkdown("~~~py\na\nb")).toEqual([{ kind: "code", language: "py", text: "a\nb" }]);
  });
  it("nest lists, and keep what is indented in its item", () => {
    const [list] = parseMarkdown("1. one\n   ```sh\n   ls -l\n   ```\n2. two\n   - inner\n\n     more\n3. three");
    if (list?.kind !== "list") throw new Error("no list");
    expect(list.items.map((item) => item.blocks.map((block) => block.kind))).toEqual([["paragraph", "code"], ["paragraph", "list"], ["paragraph"]]);
  });
  it("know tasks", () => {
    const [list] = parseMarkdown("- [ ] to do\n- [x] done\n- neither");
    if (list?.kind !== "list") throw new Error("no list");
    expect(list.items.map((item) => item.task)).toEqual([false, true, null]);
  });
  it("fill short rows and cut long ones", () => {
    const [table] = parseMarkdown("| a | b |\n|---|---|\n| `x|y` |\n| 1 | 2 | 3 |");
    if (table?.kind !== "table") throw new Error("no table");
    expect(table.rows.map((row) => row.map(plainText))).toEqual([["x|y", ""], ["1", "2"]]);
  });
});

describe("steps", () => {
  it("are numbered items and tasks, each with a name of its own", () => {
    expect(stepsOf(parseMarkdown("1. Look\n2. Look\n\n- not one\n- [ ] Tell"))).toEqual(["Look", "Look #2", "Tell"]);
  });
  it("are the sections where there are no others", () => expect(stepsOf(parseMarkdown("# Disk\n\n## Look\n\n- a\n\n## Done when\n"))).toEqual(["Look", "Done when"]));
});

describe("lines", () => {
  it("have emphasis and code", () => {
    expect(html("**a** _b_ ***c*** ~~d~~ `**e**`")).toContain("<strong");
    expect(parseInline("**a *b* c**")).toEqual([{ kind: "strong", children: [{ kind: "text", text: "a " }, { kind: "em", children: [{ kind: "text", text: "b" }] }, { kind: "text", text: " c" }] }]);
  });
  it("leave names and sums alone", () => {
    for (const text of ["snake_case_name", "2 * 3 * 4", "a ** b", "**", "`open", "a_b_c_d", "[x]", "[x](", "!"]) expect(parseInline(text)).toEqual([{ kind: "text", text }]);
  });
  it("link addresses without the sentence's signs", () => {
    const [, link, rest] = parseInline("see https://a.example/x_(y)). Then");
    expect(link).toMatchObject({ kind: "link", href: "https://a.example/x_(y)" });
    expect(rest).toEqual({ kind: "text", text: "). Then" });
  });
  it("escape with a backslash", () => expect(parseInline("\\*a\\* \\`b\\`")).toEqual([{ kind: "text", text: "*a* `b`" }]));
});

describe("nasty input", () => {
  it("never becomes HTML", () => {
    const out = html("<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n<iframe src='//x'>\n\n`<b>`\n\n```\n</pre><script>\n```\n\n| <i>a</i> |\n|---|\n| <svg/onload=1> |");
    expect(out).not.toMatch(/<(script|img|iframe|b|i|svg)[\s>/](?!aria-hidden|xmlns)/iu);
    expect(out).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  });
  it("leads nowhere that runs something", () => {
    const bad = ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "\u0001javascript:alert(1)", " javascript:alert(1)", "data:text/html,<script>", "vbscript:x", "file:///etc/passwd", "//evil.example", "/relative", "blob:x"];
    for (const address of bad) {
      expect(safeHref(address), address).toBeNull();
      expect(html(`[x](${address})`), address).not.toContain("href");
      expect(html(`<${address}>`), address).not.toContain("href");
    }
    expect(["http://a/", "https://a/", "mailto:a@b.c"].map(safeHref)).toEqual(["http://a/", "https://a/", "mailto:a@b.c"]);
  });
  it("cannot leave an attribute", () => expect(html('[x](https://a/"onmouseover="alert(1))')).not.toMatch(/<a [^>]*" ?onmouseover/u));
  it("takes no time to speak of", () => {
    const storms = ["*", "**", "[", "`", "> ", "- ", "_a ", "*a ", "*a* ", "[a](", "[a](x", "` `` ", "<http://", "https://", "|", "|-", "1. ", "\\", "#", "((((", "https://a)"];
    for (const storm of storms) {
      const text = storm.repeat(Math.ceil(50_000 / storm.length));
      const begun = performance.now();
      parseMarkdown(text);
      parseMarkdown(`${storm}\n`.repeat(10_000));
      expect(performance.now() - begun, storm).toBeLessThan(2_000);
    }
  });
  it("becomes elements that text may have and no others, whatever it is", () => {
    const tags = new Set(["div", "p", "h3", "h4", "ul", "ol", "li", "span", "pre", "code", "button", "svg", "path", "rect", "a", "br", "hr", "strong", "em", "del", "blockquote", "table", "thead", "tbody", "tr", "th", "td"]);
    const piece = fc.constantFrom("*", "**", "_", "`", "```", "\n", "\n\n", "  ", "- ", "1. ", "[ ] ", "# ", "> ", "| ", "|---|", "[", "](", ")", "https://a", "<b>", "<a onclick=x>", "word", "é", "🦉", "\\");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const found = [...html(pieces.join("")).matchAll(/<([a-z0-9]+)([^>]*)>/gu)];
        expect(found.filter(([, tag, attributes]) => !tags.has(tag!) || /\son\w+=/u.test(attributes!.replaceAll(/"[^"]*"/gu, "")))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

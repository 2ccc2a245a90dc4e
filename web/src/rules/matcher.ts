/** Conditions on alerts as text: `severity="critical", service=~"pay.*"`, as Alertmanager writes them. Pure. */
import type { Schema } from "@/api/client";

export type Op = NonNullable<Schema["Matcher"]["op"]>;
export interface Matcher {
  name: string;
  op: Op;
  value: string;
}

export const OPS: readonly Op[] = ["=", "!=", "=~", "!~"];
export const OP_WORDS: Record<Op, string> = { "=": "is", "!=": "is not", "=~": "fits", "!~": "does not fit" };

const PLAIN_NAME = /^[@\p{L}_][\p{L}\p{N}_.:/@-]*$/u;

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

export function matcherText({ name, op, value }: Matcher): string {
  return `${PLAIN_NAME.test(name) ? name : quoted(name)}${op}${quoted(value)}`;
}

export function matchersText(matchers: readonly Matcher[]): string {
  return matchers.map(matcherText).join(", ");
}

export type Parsed = { matchers: Matcher[]; error: null } | { matchers: null; error: string };

/**
 * The conditions in a text. Braces around them, spaces and a last comma do no harm; a value without quotes goes on to
 * the next comma.
 */
export function parseMatchers(text: string): Parsed {
  const reader = new Reader(text);
  try {
    return { matchers: reader.all(), error: null };
  } catch (error) {
    if (error instanceof Unreadable) return { matchers: null, error: error.message };
    throw error;
  }
}

class Unreadable extends Error {}

class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  all(): Matcher[] {
    const matchers: Matcher[] = [];
    this.spaces();
    const isBraced = this.take("{");
    for (;;) {
      this.spaces();
      if (this.isOver(isBraced)) break;
      matchers.push(this.one(isBraced));
      this.spaces();
      if (this.isOver(isBraced)) break;
      if (!this.take(",")) this.fail("a comma is missing");
    }
    if (isBraced && !this.take("}")) this.fail("the closing } is missing");
    this.spaces();
    if (this.at < this.text.length) this.fail("there is something behind the }");
    return matchers;
  }

  private one(isBraced: boolean): Matcher {
    const name = this.peek() === '"' ? this.string() : this.until(/[=!,{}"\s]/u);
    if (!name) this.fail("a label is missing");
    this.spaces();
    const op = (["=~", "!~", "!=", "="] as const).find((each) => this.take(each));
    if (!op) return this.fail(`after ${name}, one of = != =~ !~ is missing`);
    this.spaces();
    const value = this.peek() === '"' ? this.string() : this.until(isBraced ? /[,}"]/u : /[,"]/u).trimEnd();
    return { name, op, value };
  }

  private string(): string {
    const from = this.at++;
    let value = "";
    for (; ; this.at++) {
      const char = this.text[this.at];
      if (char === undefined) {
        this.at = from;
        this.fail("this quote is not closed");
      }
      if (char === '"') break;
      if (char !== "\\") value += char;
      else {
        const next = this.text[++this.at];
        if (next === undefined) this.fail("a \\ stands at the end");
        // As in Alertmanager: \n is a line break, \" and \\ are themselves, any other \ is kept for the pattern.
        value += next === "n" ? "\n" : next === '"' || next === "\\" ? next : `\\${next}`;
      }
    }
    this.at++;
    return value;
  }

  private until(end: RegExp): string {
    const from = this.at;
    while (this.at < this.text.length && !end.test(this.text[this.at]!)) this.at++;
    return this.text.slice(from, this.at);
  }

  private spaces(): void {
    this.until(/\S/u);
  }

  private peek(): string | undefined {
    return this.text[this.at];
  }

  private take(part: string): boolean {
    if (!this.text.startsWith(part, this.at)) return false;
    this.at += part.length;
    return true;
  }

  private isOver(isBraced: boolean): boolean {
    return this.at >= this.text.length || (isBraced && this.peek() === "}");
  }

  private fail(reason: string): never {
    throw new Unreadable(`At character ${this.at + 1}: ${reason}.`);
  }
}

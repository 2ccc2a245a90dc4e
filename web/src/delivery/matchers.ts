/** Matchers and labels as lines of text, in the words of Alertmanager. Pure. */
import type { Schema } from "@/api/client";

type Matcher = Schema["Matcher"];

const LINE = /^\s*([^\s=!~"]+)\s*(=~|!~|!=|=)\s*(.*?)\s*$/u;

export function matcherText(matchers: readonly Matcher[] | null | undefined): string {
  return (matchers ?? []).map(({ name, op, value }) => `${name}${op ?? "="}${JSON.stringify(value)}`).join("\n");
}

/** @throws Error that names the line that is no matcher. */
export function matchersFrom(text: string): Matcher[] {
  return linesOf(text).map((line) => {
    const found = LINE.exec(line);
    if (!found) throw new Error(`"${line}" is no matcher. Write name="value", or with !=, =~ or !~.`);
    return { name: found[1]!, op: found[2] as NonNullable<Matcher["op"]>, value: unquoted(found[3]!) };
  });
}

export function labelText(labels: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`).join("\n");
}

/** @throws Error that names the line that is no label. */
export function labelsFrom(text: string): Record<string, string> {
  return Object.fromEntries(
    linesOf(text).map((line) => {
      const at = line.indexOf("=");
      if (at < 1) throw new Error(`"${line}" is no label. Write name=value.`);
      return [line.slice(0, at).trim(), unquoted(line.slice(at + 1).trim())];
    }),
  );
}

/** What is wrong with a text that `read` reads; undefined when nothing is. */
export function faultOf(read: (text: string) => unknown, text: string): string | undefined {
  try {
    read(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

function unquoted(text: string): string {
  if (!/^".*"$/u.test(text)) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}

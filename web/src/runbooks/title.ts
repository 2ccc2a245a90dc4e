/** A text that begins with its title as a heading does not need to say it twice. */
export function withoutTitle(markdown: string, title: string): string {
  const [first = "", ...rest] = markdown.trimStart().split("\n");
  return first.replace(/^#\s+/u, "").trim() === title.trim() && first.startsWith("#") ? rest.join("\n") : markdown;
}

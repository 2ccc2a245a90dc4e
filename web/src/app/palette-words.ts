/** What was typed into the palette. Pure. */

/** Whether every word that was typed is in the label, without regard to case and accents. */
export function fits(typed: string, label: string): boolean {
  const plainLabel = plain(label);
  return plain(typed)
    .split(/\s+/u)
    .filter(Boolean)
    .every((word) => plainLabel.includes(word));
}

/** The name behind one of the beginnings, the longest that fits: `hand over to bo` → `bo`; null where none does. */
export function nameBehind(typed: string, begins: readonly string[]): string | null {
  const words = typed.trim();
  const begin = begins.filter((each) => `${words.toLowerCase()} `.startsWith(`${each} `)).sort((a, b) => b.length - a.length)[0];
  return begin === undefined ? null : words.slice(begin.length).trim();
}

function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

const QUESTION = /^(?:who(?:['’]?s|\s+is)?\s+)?on[\s-]?call(?:\s+(?:for|of|on|in))?(?:\s+(?:the\s+)?(?<roster>.*?))?\s*\??$/iu;

/** The roster of "Who is on call for payments?"; empty for all of them, null when it is no such question. */
export function askedRoster(typed: string): string | null {
  const found = QUESTION.exec(typed.trim());
  return found ? (found.groups?.["roster"] ?? "").trim() : null;
}

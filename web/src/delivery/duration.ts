/** Spans that people type: `90 s`, `5 m`, `1 d 2 h`. Pure. */
const UNITS = { d: 86_400, h: 3_600, m: 60, s: 1 } as const;
const PART = /(\d+)\s*(d|h|m|s)(?:ays?|ours?|in(?:ute)?s?|ec(?:ond)?s?)?/giu;

/** Seconds; null when it is no span. */
export function secondsFrom(text: string): number | null {
  const rest = text.replaceAll(PART, "").replaceAll(/[\s,]|and/giu, "");
  const parts = [...text.matchAll(PART)];
  if (/^\s*0\s*$/u.test(text)) return 0;
  if (rest !== "" || parts.length === 0) return null;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!.toLowerCase() as keyof typeof UNITS], 0);
}

/** Exact, in as few units as there are. */
export function durationText(seconds: number): string {
  let left = seconds;
  const parts: string[] = [];
  for (const [unit, size] of Object.entries(UNITS)) {
    const count = Math.floor(left / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    left -= count * size;
  }
  return parts.join(" ") || "0 s";
}

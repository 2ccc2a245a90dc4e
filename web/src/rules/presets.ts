/** Ends that a silence mostly has. Pure but for this browser's zone. */

const HOUR = 3_600_000;

/** Nine in the morning of the next day, on the clock of this browser's zone. */
export function tomorrowAtNine(now: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1, 9).getTime();
}

export const PRESETS: ReadonlyArray<{ label: string; endAt: (now: number) => number }> = [
  { label: "1 hour", endAt: (now) => now + HOUR },
  { label: "4 hours", endAt: (now) => now + 4 * HOUR },
  { label: "Until tomorrow 09:00", endAt: tomorrowAtNine },
];

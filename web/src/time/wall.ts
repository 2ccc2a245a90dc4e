/**
 * What the clock on a wall shows, as milliseconds as if it hung in UTC. Pure.
 *
 * A wall time that a zone skips takes the offset from before the gap, one that it shows twice is the first.
 */
const DAY = 86_400_000;

/** What a wall clock in a zone shows at an instant, to the second. */
export function wallOf(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23",
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}

/** The instant at which a wall clock in a zone shows this. */
export function instantOfWall(wall: number, zone: string): number {
  const offset = (at: number) => wallOf(at, zone) - Math.floor(at / 1_000) * 1_000;
  const [before, after] = [offset(wall - DAY), offset(wall + DAY)];
  const fits = [before, after].find((each) => offset(wall - each) === each);
  return wall - (fits ?? before);
}

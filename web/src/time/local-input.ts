/** Between instants and what `<input type="datetime-local">` holds, in the zone in which times are shown. */
import { instantOfWall, wallOf } from "./wall";
import { localZone } from "./words";

/** The instant that a field means; null when it is empty or half typed. */
export function instantOf(value: string, zone: string = localZone): string | null {
  if (!/^\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}/u.test(value)) return null;
  const wall = Date.parse(`${value}Z`);
  return Number.isNaN(wall) ? null : new Date(instantOfWall(wall, zone)).toISOString();
}

/** An instant as the field shows it, to the minute. */
export function inputOf(at: number | string, zone: string = localZone): string {
  return new Date(wallOf(new Date(at).getTime(), zone)).toISOString().slice(0, 16);
}

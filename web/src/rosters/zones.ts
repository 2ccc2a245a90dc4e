/**
 * Days and hours of a zone as instants. Pure, exact over clock changes of any length.
 *
 * Instants are milliseconds since 1970. A wall time that a zone skips takes the offset from before the gap, one that it
 * shows twice is the first: the same rule as the server's.
 */
import { Temporal } from "temporal-polyfill";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A piece of a day within one wall-clock hour. An hour that is shown twice has two, one that is skipped has none. */
export interface HourCell {
  start: number;
  end: number;
  /** The wall-clock hour, 0 to 23. */
  hour: number;
  /** Where it lies inside its hour's column, from 0 to 1, and how wide it is there. */
  left: number;
  width: number;
}

export interface ZoneDay {
  /** `2026-11-26`. */
  date: string;
  start: number;
  end: number;
  cells: readonly HourCell[];
}

function at(ms: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
}

/** The beginning of the day in which an instant lies. */
export function startOfDay(ms: number, zone: string): number {
  return at(ms, zone).startOfDay().epochMilliseconds;
}

/** An instant that many calendar days later, at the same wall time. */
export function addDays(ms: number, days: number, zone: string): number {
  return at(ms, zone).add({ days }).epochMilliseconds;
}

/** `count` days of a zone, from the one in which `from` lies. A date that the zone skipped is not among them. */
export function daysFrom(from: number, count: number, zone: string): ZoneDay[] {
  const first = at(from, zone).toPlainDate();
  return Array.from({ length: count }, (_, index) => dayOf(first.add({ days: index }), zone)).filter((day) => day.end > day.start);
}

function dayOf(date: Temporal.PlainDate, zone: string): ZoneDay {
  const start = date.toZonedDateTime(zone).epochMilliseconds;
  const end = date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds;
  return { date: date.toString(), start, end, cells: cellsOf(start, end, zone) };
}

function cellsOf(start: number, end: number, zone: string): HourCell[] {
  const pieces: Array<{ start: number; end: number; hour: number }> = [];
  // Between two changes of the clock the hours follow one another; only there the zone is asked.
  for (let from = start; from < end; ) {
    const wall = at(from, zone);
    const change = Math.min(wall.getTimeZoneTransition("next")?.epochMilliseconds ?? Infinity, end);
    let past = (wall.minute * 60 + wall.second) * 1_000 + wall.millisecond;
    for (let hour = wall.hour; from < change; hour++, past = 0) {
      const until = Math.min(from + HOUR - past, change);
      pieces.push({ start: from, end: until, hour });
      from = until;
    }
  }
  return pieces.map((piece) => {
    const same = pieces.filter((each) => each.hour === piece.hour);
    const order = same.indexOf(piece);
    return { ...piece, left: order / same.length, width: 1 / same.length };
  });
}

/** The cell in which an instant lies. */
export function cellAt(days: readonly ZoneDay[], ms: number): { day: number; cell: number } | null {
  const day = days.findIndex((each) => each.start <= ms && ms < each.end);
  if (day < 0) return null;
  return { day, cell: days[day]!.cells.findIndex((each) => each.start <= ms && ms < each.end) };
}

/** How far along the 24 columns of its day an instant lies, from 0 to 24. */
export function columnAt(day: ZoneDay, ms: number): number {
  const cell = day.cells.find((each) => ms < each.end) ?? day.cells.at(-1)!;
  const part = Math.min(1, Math.max(0, (ms - cell.start) / (cell.end - cell.start)));
  return cell.hour + cell.left + part * cell.width;
}

/** The nearest full hour of a zone's own clock. */
export function snapToHour(ms: number, zone: string): number {
  const wall = at(ms, zone);
  const past = (wall.minute * 60 + wall.second) * 1_000 + wall.millisecond;
  return past < HOUR / 2 ? ms - past : ms + (HOUR - past);
}

/** Wall time of a zone as a `datetime-local` field has it: `2026-11-26T09:00`. */
export function toWall(ms: number, zone: string): string {
  return at(ms, zone).toPlainDateTime().toString({ smallestUnit: "minute" });
}

/** The instant of a wall time, null when it is none. */
export function fromWall(wall: string, zone: string): number | null {
  try {
    return Temporal.PlainDateTime.from(wall).toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds;
  } catch {
    return null;
  }
}

/** What is odd about a wall time in a zone, if anything is: the clock skips it, or shows it twice. */
export function oddnessOf(wall: string, zone: string): "skipped" | "twice" | null {
  try {
    const plain = Temporal.PlainDateTime.from(wall);
    const first = plain.toZonedDateTime(zone, { disambiguation: "earlier" });
    const last = plain.toZonedDateTime(zone, { disambiguation: "later" });
    if (first.epochMilliseconds === last.epochMilliseconds) return null;
    return first.toPlainDateTime().equals(plain) ? "twice" : "skipped";
  } catch {
    return null;
  }
}

/** The wall clock of an instant: minutes since midnight, and the day of the week (1 is Monday). */
export function clockOf(ms: number, zone: string): { minutes: number; weekday: number; date: string } {
  const wall = at(ms, zone);
  return { minutes: wall.hour * 60 + wall.minute, weekday: wall.dayOfWeek, date: wall.toPlainDate().toString() };
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function isZone(zone: string): boolean {
  try {
    Temporal.Now.zonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

/** Every zone that this browser knows; `UTC` first, which it may not name. */
export function allZones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
}

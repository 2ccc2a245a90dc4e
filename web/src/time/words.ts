/** Instants and spans in words. Pure. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The zone of this browser, as an IANA name. */
export const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone in which times are shown: what the person chose, else the browser's. It may change, so nobody keeps a copy. */
export let localZone = browserZone;

/** Shows times in a zone from here on; null, or one that this browser does not know: in its own. */
export function showIn(zone: string | null): void {
  localZone = zone !== null && isZone(zone) ? zone : browserZone;
}

function isZone(name: string): boolean {
  try {
    Intl.DateTimeFormat("en-GB", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A span in its two largest units at most: `45 s`, `12 m`, `3 h 05 m`, `2 d 4 h`. */
export function span(ms: number): string {
  const left = Math.max(0, ms);
  if (left < MINUTE) return `${Math.floor(left / SECOND)} s`;
  if (left < HOUR) return `${Math.floor(left / MINUTE)} m`;
  if (left < DAY) {
    const minutes = Math.floor((left % HOUR) / MINUTE);
    return `${Math.floor(left / HOUR)} h${minutes ? ` ${String(minutes).padStart(2, "0")} m` : ""}`;
  }
  const hours = Math.floor((left % DAY) / HOUR);
  return `${Math.floor(left / DAY)} d${hours ? ` ${hours} h` : ""}`;
}

/** Minutes and seconds of a countdown: `4:07`; hours when there are any. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / SECOND));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `3 m ago`, `in 2 h`, `now`. */
export function relative(at: number, now: number): string {
  const ms = now - at;
  if (Math.abs(ms) < SECOND) return "now";
  return ms > 0 ? `${span(ms)} ago` : `in ${span(-ms)}`;
}

const FORMS = {
  absolute: { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
  moment: { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  clock: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  zone: { timeZoneName: "short" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Made once for each form and zone: to make one takes longer than to write a hundred instants with it. */
function formatOf(form: keyof typeof FORMS, zone: string): Intl.DateTimeFormat {
  const name = `${form} ${zone}`;
  const known = formats.get(name) ?? new Intl.DateTimeFormat("en-GB", { ...FORMS[form], timeZone: zone });
  formats.set(name, known);
  return known;
}

/** An instant with its zone, to the second: `Mon, 23 Nov 2026, 02:14:09 CET`. */
export function absolute(at: number | string, zone: string = localZone): string {
  return formatOf("absolute", zone).format(new Date(at));
}

/** A moment that people plan by: `Mon, 23 Nov, 09:00`. The zone stands beside it, said by the caller. */
export function moment(at: number | string, zone: string = localZone): string {
  return formatOf("moment", zone).format(new Date(at));
}

/** The short name of a zone at an instant: `CET`, `GMT+13`. */
export function zoneName(at: number | string, zone: string): string {
  const parts = formatOf("zone", zone).formatToParts(new Date(at));
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone;
}

const NIGHT = { from: 22, until: 6 };

/** What a clock on somebody's wall shows: `03:10`; `isNight` when a page would wake them. */
export function wallClock(at: number | string, zone: string): { words: string; isNight: boolean } {
  const words = formatOf("clock", zone).format(new Date(at));
  const hour = Number(words.slice(0, 2));
  return { words, isNight: hour >= NIGHT.from || hour < NIGHT.until };
}

const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))/u;

/** A text of the server's in pieces; every second one, beginning with the second, is an instant that it names. */
export function aroundInstants(text: string): string[] {
  return text.split(INSTANT);
}

/** A text of the server's with its instants as this reader's clock shows them, for where text is all that can be. */
export function withLocalTimes(text: string, zone: string = localZone): string {
  return aroundInstants(text).map((piece, place) => (place % 2 ? `${moment(piece, zone)} ${zoneName(piece, zone)}` : piece)).join("");
}

/** What is held while something on the schedule is dragged, by pointer or by keys. Pure. */
import { doTouch, type Span } from "./axis";
import type { Override, Shift } from "./queries";
import { addDays, HOUR, snapToHour } from "./zones";

export type Grab =
  | { kind: "move" | "start" | "end"; override: Override; from: Span; span: Span }
  | { kind: "new"; span: Span }
  /** A shift that is given for another one; `target` is what lies below it. */
  | { kind: "swap"; shift: Shift; target: Shift | null };

export const LEAST = HOUR;

/** The same grab with its edges moved; never shorter than an hour, never back to front. */
function stretch(grab: Extract<Grab, { span: Span }>, by: (at: number) => number): Grab {
  const { start, end } = grab.span;
  if (grab.kind === "start") return { ...grab, span: { start: Math.min(by(start), end - LEAST), end } };
  if (grab.kind === "end") return { ...grab, span: { start, end: Math.max(by(end), start + LEAST) } };
  return { ...grab, span: { start: by(start), end: by(end) } };
}

/** One step by keys: an hour, or a day of the zone's own length. */
export function nudge(grab: Grab, direction: 1 | -1, isDay: boolean, zone: string, shifts: readonly Shift[]): Grab {
  if (grab.kind === "swap") return { ...grab, target: nextTarget(grab, direction, shifts) };
  return stretch(grab, (at) => (isDay ? addDays(at, direction, zone) : at + direction * HOUR));
}

/** The pointer has gone from one instant to another; edges snap to the zone's full hours. */
export function dragTo(grab: Extract<Grab, { from: Span }>, gone: number, zone: string): Grab {
  const at = (edge: number) => snapToHour(edge + gone, zone);
  if (grab.kind !== "move") return stretch({ ...grab, span: grab.from }, at);
  const start = at(grab.from.start);
  return { ...grab, span: { start, end: start + (grab.from.end - grab.from.start) } };
}

/** A span drawn from one instant to another, in either direction; at least an hour. */
export function drawSpan(anchor: number, to: number, zone: string): Span {
  const [first, last] = [snapToHour(Math.min(anchor, to), zone), snapToHour(Math.max(anchor, to), zone)];
  return { start: first, end: Math.max(last, first + LEAST) };
}

/** Shifts that can be had for one: another person's, and not over. */
export function targetsOf(shift: Shift, shifts: readonly Shift[], now: number): Shift[] {
  return shifts.filter((other) => other.user.id !== shift.user.id && Date.parse(other.ends_at) > now);
}

function nextTarget(grab: Extract<Grab, { kind: "swap" }>, direction: 1 | -1, shifts: readonly Shift[]): Shift | null {
  const all = targetsOf(grab.shift, shifts, 0);
  if (all.length === 0) return null;
  if (!grab.target) {
    const after = all.findIndex((other) => other.starts_at > grab.shift.starts_at);
    if (direction === 1) return all[after < 0 ? all.length - 1 : after]!;
    return all[after < 0 ? all.length - 1 : Math.max(0, after - 1)]!;
  }
  const at = all.findIndex((other) => other.starts_at === grab.target!.starts_at);
  return all[Math.min(all.length - 1, Math.max(0, at + direction))]!;
}

/** Whether something has moved at all. */
export function hasMoved(grab: Grab): boolean {
  if (grab.kind === "swap") return grab.target !== null;
  if (grab.kind === "new") return true;
  return grab.span.start !== grab.from.start || grab.span.end !== grab.from.end;
}

/** A free hour for an override that is begun by keys: the next full one that no override has. */
export function freeHour(now: number, overrides: readonly Span[], zone: string): Span {
  let start = snapToHour(now + HOUR / 2, zone);
  while (overrides.some((other) => doTouch(other, { start, end: start + HOUR }))) start += HOUR;
  return { start, end: start + HOUR };
}

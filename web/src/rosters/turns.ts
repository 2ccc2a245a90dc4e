/** The first turns of a roster that does not exist yet, for the wizard to show. Pure; the server's answer counts. */
import { Temporal } from "temporal-polyfill";

import type { Span } from "./axis";
import type { RosterForm } from "./roster-form";

export interface Turn extends Span {
  /** Who has it: an index into the people in turn order. */
  holder: number;
}

/** Turns that touch `axis`, by the wall clock of the roster's zone; uncut. The rule is that of docs/architecture/oncall.md. */
export function turnsOf(form: Pick<RosterForm, "timezone" | "pattern" | "length" | "handoff_time" | "handoff_day" | "start_date">, people: number, axis: Span): Turn[] {
  if (people === 0) return [];
  const begin = Temporal.PlainDate.from(form.start_date);
  const back = form.handoff_day ? (begin.dayOfWeek - Number(form.handoff_day) + 7) % 7 : 0;
  const first = begin.subtract({ days: back }).toPlainDateTime(form.handoff_time);
  const hours = form.pattern === "hours" ? Number(form.length) : (form.pattern === "daily" ? 1 : form.pattern === "weekly" ? 7 : Number(form.length)) * 24;
  const instant = (wall: Temporal.PlainDateTime) => wall.toZonedDateTime(form.timezone).epochMilliseconds;
  const begins = instant(begin.toPlainDateTime(form.handoff_time));
  // Where the handoff day is moved, the first turn is short: nothing begins before the first day.
  const at = (turn: number) => Math.max(begins, instant(first.add({ hours: hours * turn })));
  const turns: Turn[] = [];
  for (let turn = 0, start = at(0); start < axis.end; turn++) {
    const end = at(turn + 1);
    if (end > axis.start && end > start) turns.push({ start, end, holder: turn % people });
    start = end;
  }
  return turns;
}

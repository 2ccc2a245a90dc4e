/** What a coverage shows: pieces of a day, what is spoken of a cell, gaps that repeat and what would close them. Pure. */
import { clip, doTouch, spanOf, type Span } from "./axis";
import type { Coverage, Roster, Shift, Uncovered } from "./queries";
import { clock, hours, many, reasonWords, spanWords, WEEKDAYS } from "./words";
import { clockOf, DAY, HOUR } from "./zones";

export type PieceKind = "covered" | "gap" | "unassigned";

/** A stretch of one roster in which nothing changes. `isDouble`: its person is on call for another roster too. */
export interface Piece extends Span {
  kind: PieceKind;
  user: Shift["user"] | null;
  uncovered: Uncovered | null;
  isDouble: boolean;
}

/** Spans of each roster in which its person is on call for another one as well, answered by another roster. */
function doubles(coverage: readonly Coverage[]): Map<string, Span[]> {
  const shifts = coverage.flatMap((roster) => roster.shifts.map((shift) => ({ roster: roster.roster_id, shift, span: spanOf(shift) })));
  const byPerson = new Map<string, typeof shifts>();
  for (const each of shifts) byPerson.set(each.shift.user.id, [...(byPerson.get(each.shift.user.id) ?? []), each]);
  const found = new Map<string, Span[]>();
  for (const own of byPerson.values())
    for (const one of own)
      for (const other of own) {
        if (one.roster === other.roster || one.shift.answered_by === other.shift.answered_by || !doTouch(one.span, other.span)) continue;
        const cut = clip(one.span, other.span);
        if (cut) found.set(one.roster, [...(found.get(one.roster) ?? []), cut]);
      }
  return found;
}

/** All pieces of each roster, in order of time. */
export function piecesOf(coverage: readonly Coverage[]): Map<string, Piece[]> {
  const twice = doubles(coverage);
  return new Map(
    coverage.map((roster) => {
      const own = twice.get(roster.roster_id) ?? [];
      const covered = roster.shifts.flatMap((shift) => splitAt(spanOf(shift), own).map((span) => ({ ...span, kind: "covered" as const, user: shift.user, uncovered: null, isDouble: own.some((each) => doTouch(each, span)) })));
      const holes = roster.uncovered.map((hole) => ({ ...spanOf(hole), kind: hole.kind, user: null, uncovered: hole, isDouble: false }));
      return [roster.roster_id, [...covered, ...holes].toSorted((a, b) => a.start - b.start)];
    }),
  );
}

function splitAt(span: Span, cuts: readonly Span[]): Span[] {
  const edges = [...new Set([span.start, span.end, ...cuts.flatMap((cut) => [cut.start, cut.end])])].filter((edge) => edge >= span.start && edge <= span.end).toSorted((a, b) => a - b);
  return edges.slice(1).map((end, index) => ({ start: edges[index]!, end }));
}

/** What a cell says of one roster: `Platform: Alice, then gap (outside active hours)`. */
export function sayPieces(name: string, pieces: readonly Piece[], cell: Span): string {
  const said = pieces
    .filter((piece) => doTouch(piece, cell))
    .map((piece) => {
      if (piece.kind === "covered") return `${piece.user!.display_name}${piece.isDouble ? ", also on call elsewhere" : ""}`;
      return `${piece.kind === "gap" ? "gap" : "nobody"}, ${reasonWords(piece.uncovered!.reason)}`;
    });
  return `${name}: ${[...new Set(said)].join("; then ") || "no answer"}`;
}

/** Gaps of one roster at the same wall time of its zone. */
export interface GapGroup {
  roster: Coverage;
  kind: Uncovered["kind"];
  reason: Uncovered["reason"];
  /** Wall times in the roster's zone: minutes since midnight. */
  from: number;
  until: number;
  spans: Span[];
  /** Real hours in all. */
  hours: number;
}

/** Groups the gaps that are still to come; those with the most hours first. A gap that `range` cuts joins by its other end. */
export function groupGaps(coverage: readonly Coverage[], range: Span, now: number): GapGroup[] {
  return coverage.flatMap((roster) => groupOf(roster, range, now)).toSorted((a, b) => b.hours - a.hours);
}

function groupOf(roster: Coverage, range: Span, now: number): GapGroup[] {
  const groups: GapGroup[] = [];
  const open = roster.uncovered.map((hole) => ({ hole, span: spanOf(hole) })).filter(({ span }) => span.end > now);
  const isCut = (span: Span) => span.start <= range.start || span.end >= range.end;
  for (const { hole, span } of open.toSorted((a, b) => Number(isCut(a.span)) - Number(isCut(b.span)))) {
    const [from, until] = [clockOf(span.start, roster.timezone).minutes, clockOf(span.end, roster.timezone).minutes];
    const group = groups.find(
      (each) =>
        each.kind === hole.kind &&
        each.reason === hole.reason &&
        (span.start <= range.start || each.from === from) &&
        (span.end >= range.end || each.until === until) &&
        span.end - span.start <= each.spans[0]!.end - each.spans[0]!.start + HOUR,
    );
    const left = (span.end - Math.max(span.start, now)) / HOUR;
    if (group) {
      group.spans.push(span);
      group.hours += left;
    } else groups.push({ roster, kind: hole.kind, reason: hole.reason, from, until, spans: [span], hours: left });
  }
  for (const group of groups) group.spans.sort((a, b) => a.start - b.start);
  return groups;
}

function minutesWords(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** How often: `daily`, `on weekdays`, `every Monday`, `5 times`, `once`. */
export function rhythmOf(group: Pick<GapGroup, "spans">, zone: string, days: number): string {
  const places = group.spans.map((span) => clockOf(span.start, zone));
  const dates = new Set(places.map((place) => place.date)).size;
  const weekdays = new Set(places.map((place) => place.weekday));
  if (group.spans.length === 1) return "once";
  if (dates >= days - 1) return "daily";
  if (weekdays.size === 1 && dates > 1) return `every ${WEEKDAYS[[...weekdays][0]! - 1]}`;
  if ([...weekdays].every((day) => day >= 6)) return "on weekends";
  if ([...weekdays].every((day) => day <= 5) && weekdays.size === 5) return "on weekdays";
  return many(group.spans.length, "time");
}

/** `daily 20:00–08:00 America/New_York, 168 h in all, outside active hours`. */
export function groupWords(group: GapGroup, days: number): string {
  const { roster } = group;
  const [first] = group.spans;
  const rest = `${hours(Math.round(group.hours * 10) / 10)} in all, ${reasonWords(group.reason)}`;
  if (group.spans.length === 1) return `${first!.end - first!.start > (days - 1) * DAY ? "all the time" : spanWords(first!.start, first!.end, roster.timezone)}, ${rest}`;
  return `${rhythmOf(group, roster.timezone, days)} ${minutesWords(group.from)}–${minutesWords(group.until)} ${roster.timezone}, ${rest}`;
}

/** Off hours of a roster that another one links to are that one's to cover, and told with it. */
export function withoutLinked(coverage: readonly Coverage[], rosters: ReadonlyArray<Pick<Roster, "linked_roster_id">>): Coverage[] {
  const linked = new Set(rosters.map((roster) => roster.linked_roster_id));
  return coverage.map((roster) => (linked.has(roster.roster_id) ? { ...roster, uncovered: roster.uncovered.filter((hole) => hole.reason !== "off_hours") } : roster));
}

/** A change that would close all gaps of a group. */
export type Closing = { kind: "hours"; from: string; until: string } | { kind: "all-day" } | { kind: "link"; to: Pick<Coverage, "roster_id" | "name"> } | { kind: "members" } | { kind: "dates" };

/** At most two, the likeliest first; besides them an override for each gap always works. */
export function closings(group: GapGroup, roster: Pick<Roster, "active_from" | "active_until" | "linked_roster_id"> | undefined, coverage: readonly Coverage[]): Closing[] {
  if (group.reason === "no_members" || group.reason === "all_absent") return [{ kind: "members" }];
  if (group.reason === "not_begun" || group.reason === "ended") return [{ kind: "dates" }];
  const found: Closing[] = [];
  const other = coverage.find((each) => each.roster_id !== group.roster.roster_id && !each.problem && group.spans.every((span) => isCovered(each, span)));
  if (other && !roster?.linked_roster_id) found.push({ kind: "link", to: other });
  const longer = roster && longerHours(roster, group);
  if (longer) found.push(longer);
  return found.slice(0, 2);
}

function longerHours(roster: Pick<Roster, "active_from" | "active_until">, group: GapGroup): Closing | null {
  if (!roster.active_from || !roster.active_until) return null;
  const [from, until] = [clock(roster.active_from), clock(roster.active_until)];
  const [gapFrom, gapUntil] = [minutesWords(group.from), minutesWords(group.until)];
  if (gapFrom === until && gapUntil === from) return { kind: "all-day" };
  if (gapFrom === until) return { kind: "hours", from, until: gapUntil };
  if (gapUntil === from) return { kind: "hours", from: gapFrom, until };
  return null;
}

function isCovered(roster: Coverage, span: Span): boolean {
  return roster.shifts.length > 0 && !roster.uncovered.some((hole) => doTouch(spanOf(hole), span));
}

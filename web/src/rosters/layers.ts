/** The layers of a roster's schedule as cells on one axis. Pure. */
import { clip, spanOf, stack, type Axis, type Span } from "./axis";
import type { Leave, Override, RosterDetail, Shift, Uncovered } from "./queries";
import { many, reasonWords, spanWords } from "./words";

export type LayerName = "final" | "overrides" | "plan" | "leave";

/** Something on the schedule that can have the focus. `full` is its span where the axis does not cut it. */
export interface Cell extends Span {
  key: string;
  layer: LayerName;
  row: number;
  full: Span;
  label: string;
  user: { id: string; display_name: string } | null;
  shift?: Shift;
  hole?: Uncovered;
  override?: Override;
  leave?: Leave;
  /** An edge of `override`, which has a place in the order of keys but no width. */
  edge?: "start" | "end";
}

export interface Layer {
  name: LayerName;
  title: string;
  rows: number;
  cells: Cell[];
}

interface Given {
  axis: Axis;
  roster: RosterDetail;
  /** Shifts and holes as they will be, and as they would be without overrides. */
  final: { shifts: readonly Shift[]; holes: readonly Uncovered[] };
  plan: { shifts: readonly Shift[]; holes: readonly Uncovered[] };
  leave: readonly Leave[];
}

export function layersOf({ axis, roster, final, plan, leave }: Given): Layer[] {
  const zone = roster.timezone;
  const members = new Set(roster.members.map((member) => member.id));
  return [
    { name: "final", title: "On call", rows: 1, cells: [...final.shifts.flatMap((shift) => shiftCell("final", shift, axis, zone)), ...final.holes.flatMap((hole) => holeCell("final", hole, axis, zone))].toSorted(byStart) },
    overridesLayer(axis, roster, final.shifts),
    { name: "plan", title: "Rotation", rows: 1, cells: [...plan.shifts.flatMap((shift) => shiftCell("plan", shift, axis, zone)), ...plan.holes.flatMap((hole) => holeCell("plan", hole, axis, zone))].toSorted(byStart) },
    leaveLayer(axis, leave.filter((each) => members.has(each.user.id)), zone),
  ];
}

function byStart(a: Span, b: Span): number {
  return a.start - b.start;
}

function shiftCell(layer: LayerName, shift: Shift, axis: Axis, zone: string): Cell[] {
  const cut = clip(axis, spanOf(shift));
  if (!cut) return [];
  const how = shift.source === "rotation" ? "" : shift.source === "override" ? ", by override" : ", locked in";
  const forWhom = shift.stands_in_for.length ? `, stands in for ${shift.stands_in_for.map((person) => person.display_name).join(" and ")}` : "";
  return [{ ...cut, key: `${layer}-${shift.starts_at}`, layer, row: 0, full: spanOf(shift), user: shift.user, shift, label: `${shift.user.display_name}, ${spanWords(shift.starts_at, shift.ends_at, zone)}${how}${forWhom}` }];
}

function holeCell(layer: LayerName, hole: Uncovered, axis: Axis, zone: string): Cell[] {
  const cut = clip(axis, spanOf(hole));
  if (!cut) return [];
  return [{ ...cut, key: `${layer}-${hole.starts_at}`, layer, row: 0, full: spanOf(hole), user: null, hole, label: `${hole.kind === "gap" ? "Gap" : "Nobody"}, ${spanWords(hole.starts_at, hole.ends_at, zone)}, ${reasonWords(hole.reason)}` }];
}

/** Overrides that stand, each with its two edges; those that are over are known from the shifts alone. */
function overridesLayer(axis: Axis, roster: RosterDetail, shifts: readonly Shift[]): Layer {
  const standing = new Set(roster.overrides.map((override) => override.id));
  const over = shifts.filter((shift) => shift.override_id && shift.answered_by === roster.id && !standing.has(shift.override_id));
  const spans = [...roster.overrides.map((override) => ({ ...spanOf(override), override, shift: undefined })), ...over.map((shift) => ({ ...spanOf(shift), override: undefined, shift }))];
  const placed = stack(spans.filter((span) => clip(axis, span)));
  const cells = placed.flatMap(({ override, shift, row, start, end }): Cell[] => {
    const cut = clip(axis, { start, end })!;
    const user = (override ?? shift)!.user;
    const when = spanWords(start, end, roster.timezone);
    const base = { layer: "overrides" as const, row, full: { start, end }, user };
    if (!override) return [{ ...base, ...cut, key: `over-${shift!.starts_at}`, label: `Override of ${user.display_name}, over, ${when}`, shift }];
    const edge = (name: "start" | "end", at: number): Cell[] =>
      axis.start <= at && at <= axis.end ? [{ ...base, start: at, end: at, key: `${override.id}-${name}`, edge: name, override, label: `${name === "start" ? "Beginning" : "End"} of ${user.display_name}'s override, ${when}` }] : [];
    const body: Cell = { ...base, ...cut, key: override.id, override, label: `Override of ${user.display_name}, ${when}${override.reason ? `, ${override.reason}` : ""}` };
    return [...edge("start", start), body, ...edge("end", end)];
  });
  return { name: "overrides", title: "Overrides", rows: Math.max(1, ...placed.map((each) => each.row + 1)), cells };
}

function leaveLayer(axis: Axis, leave: readonly Leave[], zone: string): Layer {
  const placed = stack(leave.map((each) => ({ ...spanOf(each), leave: each })).filter((span) => clip(axis, span)));
  const cells = placed.map(({ leave: each, row, start, end }): Cell => ({
    ...clip(axis, { start, end })!, key: `leave-${each.id}`, layer: "leave", row, full: { start, end }, user: each.user, leave: each,
    label: `${each.user.display_name} is away, ${spanWords(start, end, zone)}${each.note ? `, ${each.note}` : ""}`,
  }));
  return { name: "leave", title: "Away", rows: Math.max(1, ...placed.map((each) => each.row + 1)), cells };
}

/** In words, below the schedule's name: for those who hear it. */
export function sayLayers(layers: readonly Layer[]): string {
  const count = (name: LayerName, test: (cell: Cell) => boolean) => layers.find((layer) => layer.name === name)!.cells.filter(test).length;
  return `${many(count("final", (cell) => !!cell.shift), "shift")}, ${many(count("final", (cell) => !!cell.hole), "gap")}, ${many(count("overrides", (cell) => !cell.edge), "override")}, ${many(count("leave", () => true), "absence")}`;
}

/** The cell that an arrow leads to: along the layer, or the one of the next layer that is nearest. */
export function neighbour(layers: readonly Layer[], key: string, arrow: "left" | "right" | "up" | "down" | "first" | "last"): Cell | null {
  const filled = layers.filter((layer) => layer.cells.length);
  const at = filled.findIndex((layer) => layer.cells.some((cell) => cell.key === key));
  if (at < 0) return null;
  const cells = filled[at]!.cells;
  const index = cells.findIndex((cell) => cell.key === key);
  if (arrow === "first") return cells[0]!;
  if (arrow === "last") return cells.at(-1)!;
  if (arrow === "left" || arrow === "right") return cells[index + (arrow === "right" ? 1 : -1)] ?? null;
  const next = filled[at + (arrow === "down" ? 1 : -1)];
  if (!next) return null;
  const here = cells[index]!.start;
  return next.cells.reduce((best, cell) => (Math.abs(cell.start - here) < Math.abs(best.start - here) ? cell : best));
}

/** Dragging on the schedule, by pointer and by keys; what is held is said as it moves. */
import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";

import { serverNow } from "@/time/clock";

import { spanOf } from "./axis";
import { dragTo, drawSpan, hasMoved, nudge, targetsOf, type Grab } from "./grab";
import type { CellPointer } from "./layer-cell";
import type { Cell } from "./layers";
import type { LayersViewProps } from "./layers-view";
import type { Shift } from "./queries";
import { spanWords } from "./words";
import { HOUR, snapToHour } from "./zones";

const DRAG_PX = 5;
const HOW = "Arrows move it by an hour, with shift by a day; enter drops it, escape cancels.";

type InstantOf = (event: PointerEvent) => number;

export function useGrab({ roster, shifts, mayPlan, myId, onOverride, onSwap, onShift }: LayersViewProps) {
  const zone = roster.timezone;
  const [grab, setGrab] = useState<Grab | null>(null);
  const [said, setSaid] = useState("");
  const press = useRef<{ x: number; y: number; at: number; isDrag: boolean } | null>(null);

  const hold = (next: Grab | null, words?: string) => {
    setGrab(next);
    setSaid(words ?? (next ? sayGrab(next, zone) : ""));
  };
  const drop = (held: Grab) => {
    hold(null, "");
    if (!hasMoved(held)) return;
    if (held.kind === "swap") onSwap(held.shift, held.target!);
    else if (held.kind === "new") onOverride({ ...held.span });
    else onOverride({ ...held.span, override: held.override });
  };

  /** What a cell becomes when it is taken; null where it cannot be. */
  const grabOf = (cell: Cell): Grab | null => {
    if (cell.override && mayPlan) {
      const span = spanOf(cell.override);
      return { kind: cell.edge ?? "move", override: cell.override, from: span, span };
    }
    const mayGive = mayPlan || (cell.user !== null && cell.user.id === myId);
    if (cell.layer === "final" && cell.shift && mayGive && cell.full.end > serverNow()) return { kind: "swap", shift: cell.shift, target: null };
    if (cell.hole && mayPlan) return { kind: "new", span: cell.full };
    return null;
  };
  const take = (cell: Cell) => {
    const next = grabOf(cell);
    if (!next) return hold(null, "This cannot be moved.");
    hold(next, next.kind === "swap" ? `${sayGrab(next, zone)} Left and right choose the shift to swap with; enter drops, escape cancels.` : `Taken: ${sayGrab(next, zone)} ${HOW}`);
  };
  /** Whether the key was for what is held. */
  const onKey = (event: KeyboardEvent): boolean => {
    if (!grab) return false;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") hold(nudge(grab, event.key === "ArrowRight" ? 1 : -1, event.shiftKey, zone, shifts));
    else if (event.key === "Enter" || event.key === " ") drop(grab);
    else if (event.key === "Escape") hold(null, "Cancelled, nothing has changed.");
    else if (event.key === "Tab") {
      hold(null, "Cancelled, nothing has changed.");
      return true;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  };

  const cell = (of: Cell, instantOf: InstantOf): CellPointer => ({
    onPointerDown: (event) => {
      if (event.button !== 0 || !grabOf(of) || of.hole) return;
      event.stopPropagation();
      press.current = { x: event.clientX, y: event.clientY, at: instantOf(event), isDrag: false };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event) => {
      const begun = press.current;
      if (!begun) return;
      begun.isDrag ||= Math.hypot(event.clientX - begun.x, event.clientY - begun.y) > DRAG_PX;
      if (!begun.isDrag) return;
      const held = grab ?? grabOf(of);
      if (!held) return;
      if (held.kind === "swap") hold({ ...held, target: shiftBelow(event, targetsOf(held.shift, shifts, serverNow())) });
      else if (held.kind !== "new") hold(dragTo(held, instantOf(event) - begun.at, zone));
    },
    onPointerUp: () => {
      const begun = press.current;
      press.current = null;
      if (begun?.isDrag && grab) return drop(grab);
      if (!begun) return;
      hold(null, "");
      if (of.override) onOverride({ ...of.full, override: of.override });
      else if (of.shift) onShift(of.shift);
    },
    onPointerCancel: () => {
      press.current = null;
      hold(null, "");
    },
  });

  const track = (instantOf: InstantOf): CellPointer => ({
    onPointerDown: (event) => {
      if (event.button !== 0 || event.target !== event.currentTarget) return;
      press.current = { x: event.clientX, y: event.clientY, at: instantOf(event), isDrag: false };
      if (event.pointerType === "mouse") event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event) => {
      // Under a finger the row scrolls; a tap makes the override, and its form the rest.
      if (!press.current || event.pointerType === "touch" || event.target !== event.currentTarget) return;
      press.current.isDrag ||= Math.abs(event.clientX - press.current.x) > DRAG_PX;
      if (press.current.isDrag) hold({ kind: "new", span: drawSpan(press.current.at, instantOf(event), zone) });
    },
    onPointerUp: (event) => {
      const begun = press.current;
      press.current = null;
      if (!begun || event.target !== event.currentTarget) return;
      if (grab?.kind === "new") return drop(grab);
      const start = snapToHour(begun.at, zone);
      drop({ kind: "new", span: { start, end: start + 8 * HOUR } });
    },
    onPointerCancel: () => {
      press.current = null;
      hold(null, "");
    },
  });

  return { grab, said, take, onKey, onPointer: { cell, track } };
}

/** The shift below the pointer, which is captured by the one that is dragged. */
function shiftBelow(event: PointerEvent, shifts: readonly Shift[]): Shift | null {
  const keys = document.elementsFromPoint(event.clientX, event.clientY).flatMap((element) => element.closest("[data-cell]")?.getAttribute("data-cell") ?? []);
  return shifts.find((shift) => keys.includes(`final-${shift.starts_at}`)) ?? null;
}

function sayGrab(grab: Grab, zone: string): string {
  if (grab.kind === "swap") {
    const given = `${grab.shift.user.display_name}, ${spanWords(grab.shift.starts_at, grab.shift.ends_at, zone)}`;
    return grab.target ? `Swap ${given} with ${grab.target.user.display_name}, ${spanWords(grab.target.starts_at, grab.target.ends_at, zone)}.` : `Swap ${given} with whom?`;
  }
  const whose = grab.kind === "new" ? "New override" : `${grab.override.user.display_name}'s override`;
  return `${whose}: ${spanWords(grab.span.start, grab.span.end, zone)}.`;
}

/** One thing on the schedule: a shift, a hole, an override, one of its edges, or leave. */
import { clsx } from "clsx";
import type { KeyboardEvent, PointerEventHandler } from "react";

import { initialsOf } from "@/ui/person";

import { GAP_STYLE, personStyle, UNASSIGNED_STYLE } from "./bars";
import type { Cell } from "./layers";

/** Per cent of the axis below which initials stand close, and below which they do not fit. */
const [NARROW, NARROWEST] = [2.4, 1.5];

export interface CellPointer {
  onPointerDown?: PointerEventHandler<HTMLElement>;
  onPointerMove?: PointerEventHandler<HTMLElement>;
  onPointerUp?: PointerEventHandler<HTMLElement>;
  onPointerCancel?: PointerEventHandler<HTMLElement>;
}

interface LayerCellProps {
  cell: Cell;
  box: { left: number; width: number };
  rowHeight: number;
  isTabStop: boolean;
  isHeld: boolean;
  isTarget: boolean;
  canDrag: boolean;
  onFocus: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onOpen: () => void;
  pointer: CellPointer;
}

export function LayerCell({ cell, box, rowHeight, isTabStop, isHeld, isTarget, canDrag, onFocus, onKeyDown, onOpen, pointer }: LayerCellProps) {
  const shared = {
    role: "gridcell",
    tabIndex: isTabStop ? 0 : -1,
    "data-cell": cell.key,
    "aria-label": cell.label,
    title: cell.label,
    onFocus,
    onKeyDown,
    ...(canDrag ? pointer : {}),
  };
  const top = cell.row * rowHeight + 3;
  if (cell.edge)
    return (
      <div
        {...shared}
        className={clsx("absolute z-10 w-3 -translate-x-1/2 rounded-sm pointer-coarse:w-6", canDrag && "cursor-ew-resize touch-none hover:bg-accent focus-visible:bg-accent", isHeld && "bg-accent")}
        style={{ left: `${box.left}%`, top, height: rowHeight - 6 }}
      >
        <span aria-hidden className="mx-auto block h-full w-0.5 bg-text opacity-60" />
      </div>
    );
  return (
    <div
      {...shared}
      onDoubleClick={onOpen}
      // A press without a drag opens; `useGrab` tells the two apart for what can be dragged.
      {...(canDrag && (cell.layer === "final" || cell.override) && !cell.hole ? {} : { onClick: onOpen })}
      className={clsx(
        "absolute overflow-hidden rounded border leading-6 font-semibold whitespace-nowrap",
        box.width < NARROW ? "text-center text-[0.625rem]" : "px-1 text-xs",
        cell.layer === "plan" && "opacity-80",
        cell.layer === "leave" && "border-dashed",
        canDrag && cell.override && "cursor-grab touch-none",
        canDrag && cell.layer === "final" && cell.shift && "cursor-grab",
        isHeld && "opacity-70 outline-2 outline-offset-1 outline-accent",
        isTarget && "outline-3 outline-offset-1 outline-accent",
      )}
      style={{ left: `${box.left}%`, width: `${box.width}%`, top, height: rowHeight - 6, ...lookOf(cell) }}
    >
      {/* Drawn by the style sheet: the name that is read out is the label's, initials are for the eye. */}
      <span aria-hidden data-text={textOf(cell, box.width)} className="pointer-events-none before:content-[attr(data-text)]" />
    </div>
  );
}

function lookOf(cell: Cell): React.CSSProperties {
  if (cell.hole) return cell.hole.kind === "gap" ? GAP_STYLE : UNASSIGNED_STYLE;
  const person = personStyle(cell.user!.id);
  if (cell.layer === "leave") return { ...person, background: "transparent", color: "var(--text)" };
  return person;
}

function textOf(cell: Cell, width: number): string {
  if (cell.hole) return cell.hole.kind === "gap" ? (width > 6 ? "gap" : "") : "?";
  // Half a letter says nothing.
  if (width < NARROWEST) return "";
  const name = cell.user!.display_name;
  return width > 9 ? name : initialsOf(name);
}

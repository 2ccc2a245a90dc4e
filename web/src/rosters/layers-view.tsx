/** The layers on one axis, below a ruler in the roster's zone and one in the viewer's. Arrows walk, space takes, enter opens. */
import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";

import { localZone } from "@/time/words";

import { boxOf, instantAt, type Axis, type Span } from "./axis";
import { LayerCell } from "./layer-cell";
import { neighbour, sayLayers, type Cell, type Layer } from "./layers";
import type { OverrideDraft } from "./override-dialog";
import type { RosterDetail, Shift } from "./queries";
import { NowLine, Ruler } from "./ruler";
import { useGrab } from "./use-grab";
import { DAY } from "./zones";

export interface LayersViewProps {
  roster: RosterDetail;
  axis: Axis;
  layers: readonly Layer[];
  shifts: readonly Shift[];
  mayPlan: boolean;
  myId: string | null;
  onOverride: (draft: OverrideDraft) => void;
  onSwap: (give: Shift, take: Shift) => void;
  onShift: (shift: Shift) => void;
}

const ROW = 34;
const ARROWS: Record<string, Parameters<typeof neighbour>[2]> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", Home: "first", End: "last" };

export function LayersView(props: LayersViewProps) {
  const { roster, axis, layers, mayPlan, onOverride, onShift } = props;
  const zone = roster.timezone;
  const [focusKey, setFocusKey] = useState<string | null>(null);
  const grid = useRef<HTMLDivElement>(null);
  const { grab, said, take, onKey, onPointer } = useGrab(props);
  const first = layers.find((layer) => layer.cells.length)?.cells[0]?.key;
  const tabKey = layers.some((layer) => layer.cells.some((cell) => cell.key === focusKey)) ? focusKey : first;
  const days = Math.round((axis.end - axis.start) / DAY);

  const open = (cell: Cell) => {
    if (cell.override && mayPlan) onOverride({ ...cell.full, override: cell.override });
    else if (cell.hole && mayPlan) onOverride({ ...cell.full });
    else if (cell.shift && cell.layer === "final") onShift(cell.shift);
    else if (cell.shift && cell.layer === "plan" && mayPlan) onOverride({ ...cell.full });
  };
  const onCellKey = (event: KeyboardEvent, cell: Cell) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (onKey(event)) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      event.preventDefault();
      const next = neighbour(layers, cell.key, arrow);
      if (next) focusCell(grid.current, next.key);
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(cell);
    } else if (event.key === " ") {
      event.preventDefault();
      take(cell);
    }
  };
  const instantOf = (event: PointerEvent) => {
    const box = event.currentTarget.closest("[data-track]")!.getBoundingClientRect();
    return instantAt(axis, (event.clientX - box.left) / box.width);
  };

  return (
    <>
      <p id="layers-help" className="mb-3 text-xs text-muted">
        {sayLayers(layers)}. {mayPlan ? "Drag across the row of overrides for a new one, drag an edge to resize, drag one person onto another to swap. By keys: arrows move, space takes, enter opens." : "Arrows move, enter opens."}
      </p>
      <div className="-mx-4 overflow-x-auto px-4" data-scroller>
        <div className="relative" style={{ minWidth: 88 + days * (days > 30 ? 11 : days > 14 ? 26 : 48) }}>
          <Ruler axis={axis} zone={zone} label={zone} />
          {zone !== localZone && <Ruler axis={axis} zone={localZone} label={`You: ${localZone}`} isQuiet />}
          <div ref={grid} role="grid" aria-label={`Schedule of ${roster.name}`} aria-describedby="layers-help">
            {layers.map((layer) => (
              <div key={layer.name} role="row" className="grid grid-cols-[5.5rem_minmax(0,1fr)] border-t">
                <span role="rowheader" className="sticky left-0 z-10 flex items-center bg-card pr-2 text-xs font-medium text-muted">
                  {layer.title}
                </span>
                <div
                  data-track
                  role="presentation"
                  className={`relative ${layer.name === "overrides" && mayPlan ? "cursor-crosshair" : ""}`}
                  style={{ height: layer.rows * ROW }}
                  {...(layer.name === "overrides" && mayPlan ? onPointer.track(instantOf) : {})}
                >
                  {layer.cells.map((cell) => (
                    <LayerCell
                      key={cell.key}
                      cell={cell}
                      box={boxOf(axis, shownSpan(cell, grab))}
                      rowHeight={ROW}
                      isTabStop={cell.key === tabKey}
                      isHeld={(grab?.kind === "swap" && cell.shift === grab.shift && cell.layer === "final") || (grab !== null && "override" in grab && grab.override.id === cell.override?.id)}
                      isTarget={grab?.kind === "swap" && cell.layer === "final" && cell.shift !== undefined && grab.target === cell.shift}
                      canDrag={mayPlan || (cell.layer === "final" && cell.user?.id === props.myId)}
                      onFocus={() => setFocusKey(cell.key)}
                      onKeyDown={(event) => onCellKey(event, cell)}
                      onOpen={() => open(cell)}
                      pointer={onPointer.cell(cell, instantOf)}
                    />
                  ))}
                  {layer.name === "overrides" && grab?.kind === "new" && <Ghost box={boxOf(axis, grab.span)} />}
                  {layer.cells.length === 0 && layer.name !== "final" && <Nothing layer={layer} mayPlan={mayPlan} />}
                </div>
              </div>
            ))}
          </div>
          <NowLine axis={axis} left="5.5rem" />
        </div>
      </div>
      <p aria-live="assertive" className={grab ? "mt-3 rounded-md border border-accent px-3 py-2" : "sr-only"}>
        {said}
      </p>
    </>
  );
}

function focusCell(grid: HTMLElement | null, key: string): void {
  grid?.querySelector<HTMLElement>(`[data-cell="${CSS.escape(key)}"]`)?.focus();
}

function shownSpan(cell: Cell, grab: ReturnType<typeof useGrab>["grab"]): Span {
  if (!grab || grab.kind === "swap" || grab.kind === "new" || grab.override.id !== cell.override?.id) return cell;
  if (!cell.edge) return grab.span;
  const at = grab.span[cell.edge];
  return { start: at, end: at };
}

function Ghost({ box }: { box: { left: number; width: number } }) {
  return <span aria-hidden className="pointer-events-none absolute inset-y-1 rounded border-2 border-dashed border-accent bg-accent-soft" style={{ left: `${box.left}%`, width: `${box.width}%` }} />;
}

function Nothing({ layer, mayPlan }: { layer: Layer; mayPlan: boolean }) {
  const words = layer.name === "overrides" ? (mayPlan ? "None. Drag here, or use “New override”." : "None in these weeks.") : layer.name === "leave" ? "Nobody in these weeks." : "No turns in these weeks.";
  return (
    <span role="gridcell" className="pointer-events-none absolute inset-y-0 left-2 flex items-center text-xs text-muted">
      {words}
    </span>
  );
}

/**
 * Day by hour, in one zone: a strip per roster inside each cell. Cells are placed by instant, so an hour that the clock
 * skips stays empty and one that it shows twice is two cells.
 */
import { useMemo, useRef, useState, type KeyboardEvent } from "react";

import { useNow } from "@/time/clock";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";

import { doTouch } from "./axis";
import { piecesOf, sayPieces, type Piece } from "./coverage";
import { HEAD, WIDTH, columnX, heightOf, HourHeads, DayStrips, SkippedHours } from "./heatmap-parts";
import type { Coverage } from "./queries";
import { spanWords } from "./words";
import { cellAt, columnAt, daysFrom, type HourCell, type ZoneDay } from "./zones";

interface HeatmapProps {
  coverage: readonly Coverage[];
  start: number;
  days: number;
  zone: string;
  onFill: ((rosterId: string, from: number, until: number) => void) | null;
}

interface Place {
  day: number;
  cell: number;
}

export function Heatmap({ coverage, start, days: count, zone, onFill }: HeatmapProps) {
  const days = useMemo(() => daysFrom(start, count, zone), [start, count, zone]);
  const pieces = useMemo(() => piecesOf(coverage), [coverage]);
  const [place, setPlace] = useState<Place>({ day: 0, cell: 0 });
  const [choice, setChoice] = useState<Array<{ roster: Coverage; piece: Piece }> | null>(null);
  const svg = useRef<SVGSVGElement>(null);
  const rowHeight = heightOf(coverage.length);
  const height = HEAD + days.length * rowHeight;

  const holesIn = (cell: HourCell) => coverage.flatMap((roster) => pieces.get(roster.roster_id)!.filter((piece) => piece.kind !== "covered" && doTouch(piece, cell)).map((piece) => ({ roster, piece })));
  const open = (cell: HourCell) => {
    const holes = holesIn(cell);
    if (!onFill || holes.length === 0) return;
    if (holes.length === 1) onFill(holes[0]!.roster.roster_id, holes[0]!.piece.start, holes[0]!.piece.end);
    else setChoice(holes);
  };
  const go = (next: Place) => {
    setPlace(next);
    svg.current?.querySelector<SVGElement>(`[data-place="${next.day}-${next.cell}"]`)?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = moved(days, place, event.key);
    if (next) go(next);
    else if (event.key === "Enter" || event.key === " ") open(days[place.day]!.cells[place.cell]!);
    else return;
    event.preventDefault();
  };
  return (
    <div className="-mx-4 overflow-x-auto px-4" data-scroller>
      <svg ref={svg} role="grid" aria-label={`Coverage by day and hour, ${zone}`} aria-rowcount={days.length} viewBox={`0 0 ${WIDTH} ${height}`} className="block w-full min-w-[860px] text-[11px]" onKeyDown={onKey}>
        <HourHeads />
        {days.map((day, index) => (
          <g key={day.date} role="row" transform={`translate(0 ${HEAD + index * rowHeight})`}>
            <text role="rowheader" x={0} y={rowHeight / 2 + 4} className="fill-(--muted)">
              {dayName(day)}
            </text>
            <SkippedHours day={day} height={rowHeight} />
            <DayStrips day={day} coverage={coverage} pieces={pieces} height={rowHeight} />
            {day.cells.map((cell, at) => (
              <rect
                key={cell.start}
                role="gridcell"
                tabIndex={place.day === index && place.cell === at ? 0 : -1}
                data-place={`${index}-${at}`}
                aria-label={sayCell(cell, coverage, pieces, zone)}
                x={columnX(cell.hour + cell.left)}
                y={1}
                width={columnX(cell.hour + cell.left + cell.width) - columnX(cell.hour + cell.left)}
                height={rowHeight - 2}
                className={`fill-transparent stroke-(--line) outline-none hover:stroke-(--control) focus-visible:stroke-(--accent) focus-visible:stroke-[3px] ${onFill && holesIn(cell).length ? "cursor-pointer" : ""}`}
                onFocus={() => setPlace({ day: index, cell: at })}
                onClick={() => open(cell)}
              >
                <title>{sayCell(cell, coverage, pieces, zone)}</title>
              </rect>
            ))}
          </g>
        ))}
        <Now days={days} rowHeight={rowHeight} />
      </svg>
      {choice && (
        <Dialog isOpen onClose={() => setChoice(null)} title="Which gap?" lead={`Times in ${zone}.`}>
          <div className="grid gap-2">
            {choice.map(({ roster, piece }) => (
              <Button
                key={`${roster.roster_id}-${piece.start}`}
                className="h-auto justify-start py-2 text-left"
                onClick={() => {
                  setChoice(null);
                  onFill?.(roster.roster_id, piece.start, piece.end);
                }}
              >
                {roster.name}: {spanWords(piece.start, piece.end, zone)}
              </Button>
            ))}
          </div>
        </Dialog>
      )}
    </div>
  );
}

function Now({ days, rowHeight }: { days: readonly ZoneDay[]; rowHeight: number }) {
  const now = useNow();
  const at = cellAt(days, now);
  if (!at) return null;
  const x = columnX(columnAt(days[at.day]!, now));
  const y = HEAD + at.day * rowHeight;
  return (
    <g aria-hidden className="pointer-events-none">
      <line x1={x} x2={x} y1={y - 2} y2={y + rowHeight + 2} className="stroke-(--accent)" strokeWidth={2.5} />
      <circle cx={x} cy={y - 2} r={3.5} className="fill-(--accent)" />
    </g>
  );
}

/** Where a key leads; up and down keep the hour of the clock. Pure. */
export function moved(days: readonly ZoneDay[], { day, cell }: Place, key: string): Place | null {
  const last = days[day]!.cells.length - 1;
  if (key === "Home") return { day, cell: 0 };
  if (key === "End") return { day, cell: last };
  if (key === "ArrowRight") return cell < last ? { day, cell: cell + 1 } : day + 1 < days.length ? { day: day + 1, cell: 0 } : { day, cell };
  if (key === "ArrowLeft") return cell > 0 ? { day, cell: cell - 1 } : day > 0 ? { day: day - 1, cell: days[day - 1]!.cells.length - 1 } : { day, cell };
  if (key !== "ArrowUp" && key !== "ArrowDown") return null;
  const next = Math.min(days.length - 1, Math.max(0, day + (key === "ArrowDown" ? 1 : -1)));
  const hour = days[day]!.cells[cell]!.hour;
  const same = days[next]!.cells.findIndex((each) => each.hour >= hour);
  return { day: next, cell: same < 0 ? days[next]!.cells.length - 1 : same };
}

function dayName(day: ZoneDay): string {
  return new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${day.date}T00:00:00Z`));
}

function sayCell(cell: HourCell, coverage: readonly Coverage[], pieces: Map<string, Piece[]>, zone: string): string {
  return `${spanWords(cell.start, cell.end, zone)}. ${coverage.map((roster) => sayPieces(roster.name, pieces.get(roster.roster_id)!, cell)).join(". ")}`;
}


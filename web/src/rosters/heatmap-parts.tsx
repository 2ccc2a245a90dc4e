/** The heatmap's picture; `heatmap.tsx` has its keys and words. */
import { clip } from "./axis";
import type { Piece } from "./coverage";
import type { Coverage } from "./queries";
import { columnAt, type ZoneDay } from "./zones";
import { hueOf, initialsOf } from "@/ui/person";

export const WIDTH = 1200;
export const LEFT = 84;
export const HEAD = 24;
const COLUMN = (WIDTH - LEFT) / 24;
const [LEAST_ROW, STRIP, PAD] = [28, 11, 4];

/** A day's row: room for a strip of each roster. */
export function heightOf(rosters: number): number {
  return Math.max(LEAST_ROW, rosters * STRIP + 2 * PAD);
}

export function columnX(column: number): number {
  return LEFT + column * COLUMN;
}

export function HourHeads() {
  return (
    <g aria-hidden>
      {Array.from({ length: 24 }, (_, hour) => (
        <text key={hour} x={columnX(hour)} y={14} className="fill-(--muted) tabular-nums">
          {String(hour).padStart(2, "0")}
        </text>
      ))}
      <defs>
        <HolePatterns />
      </defs>
    </g>
  );
}

export function HolePatterns() {
  return (
    <>
      <pattern id="gap-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="2" height="6" className="fill-(--warning)" opacity="0.75" />
      </pattern>
      <pattern id="unassigned-dots" width="5" height="5" patternUnits="userSpaceOnUse">
        <circle cx="2.5" cy="2.5" r="1" className="fill-(--danger)" />
      </pattern>
    </>
  );
}

/** Hours that this day's clock does not show. */
export function SkippedHours({ day, height }: { day: ZoneDay; height: number }) {
  const shown = new Set(day.cells.map((cell) => cell.hour));
  return (
    <g aria-hidden>
      {Array.from({ length: 24 }, (_, hour) => hour)
        .filter((hour) => !shown.has(hour))
        .map((hour) => (
          <text key={hour} x={columnX(hour + 0.5)} y={height / 2 + 4} textAnchor="middle" className="fill-(--muted)">
            –
          </text>
        ))}
    </g>
  );
}

interface DayStripsProps {
  day: ZoneDay;
  coverage: readonly Coverage[];
  pieces: Map<string, Piece[]>;
  height: number;
}

export function DayStrips({ day, coverage, pieces, height }: DayStripsProps) {
  const each = (height - 2 * PAD) / coverage.length;
  return (
    <g aria-hidden className="pointer-events-none">
      {coverage.map((roster, index) =>
        pieces.get(roster.roster_id)!.map((piece) => {
          const cut = clip(day, piece);
          if (!cut) return null;
          const x = columnX(columnAt(day, cut.start));
          return <Strip key={`${roster.roster_id}-${piece.start}`} piece={piece} x={x} y={PAD + index * each} width={columnX(columnAt(day, cut.end)) - x} height={each - 1.5} />;
        }),
      )}
    </g>
  );
}

interface StripProps {
  piece: Piece;
  x: number;
  y: number;
  width: number;
  height: number;
}

export function Strip({ piece, x, y, width, height }: StripProps) {
  if (piece.kind !== "covered")
    return (
      <>
        <rect x={x + 0.75} y={y} width={Math.max(0, width - 1.5)} height={height} rx={2} fill={piece.kind === "gap" ? "url(#gap-hatch)" : "url(#unassigned-dots)"} className={piece.kind === "gap" ? "stroke-(--warning)" : "stroke-(--danger)"} strokeWidth={1.25} />
        {piece.kind === "unassigned" && height >= 7 && (
          <text x={x + width / 2} y={y + height / 2 + 3.5} textAnchor="middle" fontSize={10} fontWeight={800} className="fill-(--danger) stroke-(--card)" strokeWidth={3} paintOrder="stroke">
            ?
          </text>
        )}
      </>
    );
  const hue = hueOf(piece.user!.id);
  const fill = `light-dark(oklch(0.78 0.1 ${hue}), oklch(0.5 0.09 ${hue}))`;
  const bar = (top: number, tall: number) => <rect key={top} x={x + 0.5} y={top} width={Math.max(0, width - 1)} height={tall} rx={2} style={{ fill }} />;
  const halves = height / 2 - 1;
  return (
    <>
      {/* Two thin bars: one person, two pagers. */}
      {piece.isDouble ? [bar(y, halves), bar(y + height / 2 + 0.5, halves)] : bar(y, height)}
      {height >= 6.5 && width > 24 && (
        <text x={x + 5} y={y + height / 2 + 3.5} fontSize={Math.min(10, height + 1)} fontWeight={700} style={{ fill: `light-dark(oklch(0.25 0.08 ${hue}), oklch(0.97 0.03 ${hue}))`, stroke: piece.isDouble ? fill : "none" }} strokeWidth={4} paintOrder="stroke">
          {initialsOf(piece.user!.display_name)}
        </text>
      )}
    </>
  );
}

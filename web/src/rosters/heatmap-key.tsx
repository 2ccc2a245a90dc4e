/** What the strips and patterns of the heatmap mean. */
import type { Coverage } from "./queries";
import { HolePatterns, Strip } from "./heatmap-parts";
import type { Piece } from "./coverage";

const SOMEBODY = { id: "key", display_name: "" };

function piece(kind: Piece["kind"], isDouble = false): Piece {
  return { kind, isDouble, user: kind === "covered" ? SOMEBODY : null, uncovered: null, start: 0, end: 1 };
}

const MEANINGS: ReadonlyArray<[string, Piece]> = [
  ["somebody, by colour and initials", piece("covered")],
  ["one person on two rosters", piece("covered", true)],
  ["gap: no roster is meant to cover it", piece("gap")],
  ["nobody: one is, and has no one", piece("unassigned")],
];

export function HeatmapKey({ coverage }: { coverage: readonly Coverage[] }) {
  return (
    <div className="mb-3 grid gap-1 text-xs text-muted">
      <p>Strips in each cell, from the top: {coverage.map((roster) => roster.name).join(", ")}. Arrows move through the grid; enter or a click on a gap fills it.</p>
      <ul className="flex flex-wrap gap-x-4 gap-y-1">
        {MEANINGS.map(([words, shown]) => (
          <li key={words} className="flex items-center gap-1.5">
            <svg aria-hidden width="24" height="12">
              <defs>
                <HolePatterns />
              </defs>
              <Strip piece={shown} x={0} y={1} width={24} height={10} />
            </svg>
            {words}
          </li>
        ))}
      </ul>
    </div>
  );
}

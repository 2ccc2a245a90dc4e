/** The coverage without the picture: each stretch with nobody, and whose the others are. */
import { Button } from "@/ui/button";
import { Pill } from "@/ui/severity";
import { Person } from "@/ui/person";
import { Table, Td, Th } from "@/ui/table";

import { piecesOf } from "./coverage";
import type { Coverage } from "./queries";
import { hours, reasonWords, spanWords } from "./words";
import { HOUR } from "./zones";

interface CoverageTableProps {
  coverage: readonly Coverage[];
  zone: string;
  onFill: ((rosterId: string, from: number, until: number) => void) | null;
}

export function CoverageTable({ coverage, zone, onFill }: CoverageTableProps) {
  const pieces = piecesOf(coverage);
  return (
    <Table caption={`Coverage in ${zone}`}>
      <thead>
        <tr>
          <Th>Roster</Th>
          <Th>When ({zone})</Th>
          <Th className="text-right">Hours</Th>
          <Th>Who</Th>
          <Th aria-label="Action" />
        </tr>
      </thead>
      <tbody>
        {coverage.flatMap((roster) =>
          pieces.get(roster.roster_id)!.map((piece) => (
            <tr key={`${roster.roster_id}-${piece.start}`}>
              <Td>{roster.name}</Td>
              <Td className="whitespace-nowrap">{spanWords(piece.start, piece.end, zone)}</Td>
              <Td className="text-right tabular-nums">{hours(Math.round(((piece.end - piece.start) / HOUR) * 10) / 10)}</Td>
              <Td>
                {piece.user ? (
                  <span className="inline-flex flex-wrap items-center gap-2">
                    <Person id={piece.user.id} name={piece.user.display_name} /> {piece.isDouble && <Pill className="border-warning text-warning">also on call elsewhere</Pill>}
                  </span>
                ) : (
                  <span className={piece.kind === "gap" ? "text-warning" : "text-danger"}>
                    {piece.kind === "gap" ? "Gap" : "Nobody"}: {reasonWords(piece.uncovered!.reason)}
                  </span>
                )}
              </Td>
              <Td className="text-right">{!piece.user && onFill && <Button onClick={() => onFill(roster.roster_id, piece.start, piece.end)}>Fill</Button>}</Td>
            </tr>
          )),
        )}
      </tbody>
    </Table>
  );
}

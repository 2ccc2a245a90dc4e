import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { useNow } from "@/time/clock";
import { Moment } from "@/time/time";
import { zoneName } from "@/time/words";
import { Initials } from "@/ui/person";
import { Table, Td, Th } from "@/ui/table";

import { spanOf } from "./axis";
import { LocalTime } from "./on-call-panel";
import { peopleQuery, type Coverage, type Roster } from "./queries";
import { hours, many, patternWords, reasonWords } from "./words";

interface RosterTableProps {
  rosters: readonly Roster[];
  coverage: readonly Coverage[] | undefined;
  /** The end of the coverage. */
  until: number;
}

export function RosterTable({ rosters, coverage, until }: RosterTableProps) {
  return (
    <Table caption="All rosters">
      <thead>
        <tr>
          <Th>Roster</Th>
          <Th>On call now</Th>
          <Th>Next handoff</Th>
          <Th>Turns</Th>
          <Th className="text-right">Gaps in 14 days</Th>
        </tr>
      </thead>
      <tbody>
        {rosters.map((roster) => (
          <Row key={roster.id} roster={roster} coverage={coverage?.find((each) => each.roster_id === roster.id)} until={until} />
        ))}
      </tbody>
    </Table>
  );
}

function Row({ roster, coverage, until }: { roster: Roster; coverage: Coverage | undefined; until: number }) {
  const now = Math.floor(useNow() / 60_000) * 60_000;
  const people = useQuery(peopleQuery);
  const holds = (each: { starts_at: string; ends_at: string }) => spanOf(each).start <= now && now < spanOf(each).end;
  const shift = coverage?.shifts.find(holds);
  const hole = coverage?.uncovered.find(holds);
  const person = shift && (roster.members.find((member) => member.id === shift.user.id) ?? people.data?.find((each) => each.id === shift.user.id));
  const ends = (shift ?? hole)?.ends_at;
  const gap = coverage ? coverage.gap_hours + coverage.unassigned_hours : null;
  return (
    <tr>
      <Td className="min-w-40">
        <Link to="/rosters/$rosterId" params={{ rosterId: roster.id }} className="link inline-flex min-h-6 items-center font-medium">
          {roster.name}
        </Link>
        {coverage?.problem && <p className="text-xs text-danger">{coverage.problem}</p>}
        <p className="text-xs text-muted">{many(roster.members.length, "member")}</p>
      </Td>
      <Td className="min-w-44">
        {shift && (
          <div className="flex items-center gap-2">
            <Initials id={shift.user.id} name={shift.user.display_name} size={28} />
            <div>
              <p className="font-medium">{shift.user.display_name}</p>
              {person && <LocalTime zone={person.timezone} />}
            </div>
          </div>
        )}
        {hole && (
          <p className="text-danger">
            Nobody: <span className="text-text">{reasonWords(hole.reason)}</span>
          </p>
        )}
        {!shift && !hole && <span className="text-muted">{coverage ? "Not known" : "…"}</span>}
      </Td>
      <Td>
        {ends && Date.parse(ends) < until ? (
          <>
            <Moment at={ends} zone={roster.timezone} /> <span className="text-xs text-muted">{zoneName(ends, roster.timezone)}</span>
          </>
        ) : (
          <span className="text-muted">{ends ? "not in 14 days" : ""}</span>
        )}
      </Td>
      <Td className="min-w-44">
        {patternWords(roster)}
        <p className="text-xs text-muted">{roster.timezone}</p>
      </Td>
      <Td className="text-right tabular-nums">{gap === null ? "…" : gap > 0 ? <span className="font-medium text-warning">{hours(Math.round(gap * 10) / 10)}</span> : <span className="text-ok">none</span>}</Td>
    </tr>
  );
}

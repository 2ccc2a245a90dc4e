/** What a lead looks at once a day: who was woken, where nobody will be, what makes the noise. */
import { Link } from "@tanstack/react-router";

import { Moment } from "@/time/time";
import { localZone, zoneName } from "@/time/words";
import { Panel } from "@/ui/panel";
import { Person } from "@/ui/person";
import { Table, Td, Th } from "@/ui/table";

import type { Now } from "./queries";

type Lead = NonNullable<Now["lead"]>;

export function LeadPanels({ lead }: { lead: Lead }) {
  return (
    <div className="grid gap-4 md:grid-cols-2 md:gap-6 xl:grid-cols-3">
      <Panel title="Pages per person, 7 days">
        <Pages people={lead.people} />
      </Panel>
      <Panel title="Gaps in the next 14 days">
        <Gaps gaps={lead.gaps} />
      </Panel>
      <Panel title="Noisiest sources, 7 days">
        <Noisiest sources={lead.noisiest_sources} />
      </Panel>
    </div>
  );
}

function Pages({ people }: { people: Lead["people"] }) {
  if (people.length === 0) return <p className="text-muted">Nobody was paged.</p>;
  return (
    <Table caption="Pages per person in the last 7 days">
      <thead>
        <tr>
          <Th>Person</Th>
          <Th className="text-right">Pages</Th>
          <Th className="text-right">At night</Th>
        </tr>
      </thead>
      <tbody>
        {people.map(({ user, pages, night_pages }) => (
          <tr key={user.id}>
            <Td>
              <Person id={user.id} name={user.display_name} />
            </Td>
            <Td className="text-right tabular-nums">{pages}</Td>
            <Td className="text-right tabular-nums">{night_pages}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

const KINDS = { gap: "no one has the turn", unassigned: "the turn is nobody's", unreachable: "who has the turn cannot be reached" } as const;

function Gaps({ gaps }: { gaps: Lead["gaps"] }) {
  if (gaps.count === 0) return <p className="text-muted">Every hour of every roster is covered.</p>;
  const { first } = gaps;
  return (
    <div className="grid gap-1">
      <p>
        <strong className="text-xl text-warning tabular-nums">{gaps.hours.toLocaleString("en-GB", { maximumFractionDigits: 1 })} h</strong> in {gaps.count} {gaps.count === 1 ? "gap" : "gaps"}
      </p>
      {first && (
        <p>
          The first:{" "}
          <Link to="/rosters/$rosterId" params={{ rosterId: first.roster_id }} className="link wrap-anywhere">
            {first.roster_name}
          </Link>
          , <Moment at={first.starts_at} /> to <Moment at={first.ends_at} /> {zoneName(first.starts_at, localZone)}: {KINDS[first.kind]}.
        </p>
      )}
    </div>
  );
}

function Noisiest({ sources }: { sources: Lead["noisiest_sources"] }) {
  if (sources.length === 0) return <p className="text-muted">No source sent an alert.</p>;
  return (
    <Table caption="Noisiest sources of the last 7 days">
      <thead>
        <tr>
          <Th>Source</Th>
          <Th className="text-right">Alerts</Th>
          <Th className="text-right">Firings</Th>
        </tr>
      </thead>
      <tbody>
        {sources.map(({ source, alerts, occurrences }) => (
          <tr key={source}>
            <Td>
              <Link to="/alerts" search={{ source }} className="link wrap-anywhere">
                {source}
              </Link>
            </Td>
            <Td className="text-right tabular-nums">{alerts.toLocaleString("en-GB")}</Td>
            <Td className="text-right tabular-nums">{occurrences.toLocaleString("en-GB")}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Schema } from "@/api/client";
import { serverNow } from "@/time/clock";
import { moment } from "@/time/words";
import { SelectField } from "@/ui/field";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Person } from "@/ui/person";
import { Table, Td, Th } from "@/ui/table";

import { personStyle } from "./bars";
import { fairnessQuery, type Preview } from "./queries";
import type { TabProps } from "./roster-page";
import { hours } from "./words";
import { addDays, iso, startOfDay } from "./zones";

type Load = Preview["after"]["loads"][number];
type Paged = Schema["PersonPaged"];

export default function FairnessTab({ roster }: TabProps) {
  const [weeks, setWeeks] = useState(12);
  const [now] = useState(serverNow);
  const today = startOfDay(now, roster.timezone);
  const query = useQuery(fairnessQuery(roster.id, iso(addDays(today, -7 * weeks, roster.timezone)), iso(addDays(today, 7 * weeks, roster.timezone))));
  return (
    <div className="grid gap-4">
      <SelectField label="Weeks back and ahead" value={weeks} onChange={(event) => setWeeks(Number(event.target.value))} className="max-w-48">
        {[4, 12, 26].map((each) => (
          <option key={each} value={each}>
            {each} weeks
          </option>
        ))}
      </SelectField>
      <Panel title="Past: what was carried">
        <Loaded query={query} what="The past load" isEmpty={(answer) => answer.past.length === 0} empty={<Empty title="No shift in these weeks">The roster had not begun, or nobody was on it.</Empty>}>
          {(answer) => <Loads caption={`${moment(answer.starts_at, roster.timezone)} to ${moment(answer.split_at, roster.timezone)}, ${roster.timezone}`} loads={answer.past} />}
        </Loaded>
      </Panel>
      <Panel title="Past: who was paged">
        <Loaded query={query} what="The past pages" isEmpty={(answer) => answer.pages.length === 0} empty={<Empty title="Nobody was paged">Nobody got a page in these weeks while on call here.</Empty>}>
          {(answer) => <Pages pages={answer.pages} />}
        </Loaded>
      </Panel>
      <Panel title="Planned: what is to come">
        <Loaded query={query} what="The planned load" isEmpty={(answer) => answer.planned.length === 0} empty={<Empty title="Nothing is planned in these weeks">Add members, or look at the dates of this roster.</Empty>}>
          {(answer) => <Loads caption={`${moment(answer.split_at, roster.timezone)} to ${moment(answer.ends_at, roster.timezone)}, ${roster.timezone}`} loads={answer.planned} />}
        </Loaded>
      </Panel>
      <p className="text-xs text-muted">Nights (22:00 to 06:00) and weekends are by each person’s own clock. Hours are real hours, weeks are hours by 168.</p>
    </div>
  );
}

function Pages({ pages }: { pages: readonly Paged[] }) {
  return (
    <Table caption="Pages that each person got while on call here">
      <thead>
        <tr>
          <Th>Person</Th>
          <Th className="text-right">Pages</Th>
          <Th className="text-right">At night</Th>
          <Th className="text-right">At weekends</Th>
        </tr>
      </thead>
      <tbody>
        {pages.map((each) => (
          <tr key={each.user.id}>
            <Td className="min-w-36">
              <Person id={each.user.id} name={each.user.display_name} />
            </Td>
            <Count>{each.pages}</Count>
            <Count>{each.night_pages}</Count>
            <Count>{each.weekend_pages}</Count>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Loads({ caption, loads }: { caption: string; loads: readonly Load[] }) {
  const most = Math.max(...loads.map((load) => load.hours), 1);
  return (
    <>
      <p className="mb-2 text-xs text-muted">{caption}</p>
      <Table caption={caption}>
        <thead>
          <tr>
            <Th>Person</Th>
            <Th className="w-1/3" aria-label="Share" />
            <Th className="text-right">Hours</Th>
            <Th className="text-right">Weeks</Th>
            <Th className="text-right">Shifts</Th>
            <Th className="text-right">Nights</Th>
            <Th className="text-right">Weekends</Th>
          </tr>
        </thead>
        <tbody>
          {loads.map((load) => (
            <tr key={load.user.id}>
              <Td className="min-w-36">
                <Person id={load.user.id} name={load.user.display_name} />
              </Td>
              <Td className="min-w-24">
                <span aria-hidden className="mt-1 block h-4 rounded border" style={{ width: `${Math.max(1, (load.hours / most) * 100)}%`, ...personStyle(load.user.id) }} />
              </Td>
              <Count>{hours(Math.round(load.hours * 10) / 10)}</Count>
              <Count>{(load.hours / 168).toFixed(1)}</Count>
              <Count>{load.shifts}</Count>
              <Count>
                {load.nights} <span className="text-muted">({hours(Math.round(load.night_hours))})</span>
              </Count>
              <Count>
                {load.weekends} <span className="text-muted">({hours(Math.round(load.weekend_hours))})</span>
              </Count>
            </tr>
          ))}
        </tbody>
      </Table>
    </>
  );
}

function Count({ children }: { children: React.ReactNode }) {
  return <Td className="text-right whitespace-nowrap tabular-nums">{children}</Td>;
}

/** A draft, or an older version, beside the version in force on the alerts that were. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import type { Schema } from "@/api/client";
import { Moment } from "@/time/time";
import { Button } from "@/ui/button";
import { SelectField } from "@/ui/field";
import { Loaded } from "@/ui/panel";
import { Person } from "@/ui/person";
import { Table, Td, Th } from "@/ui/table";

import { responseWords } from "./past-words";
import { pastQuery } from "./queries";

type Run = Schema["HistoryRun"];
type Candidate = Parameters<typeof pastQuery>[1];

const DAYS = [1, 7, 14, 30, 90];

export function Past({ policyId, candidate, name }: { policyId: string; candidate: Candidate; name: string }) {
  const [days, setDays] = useState(30);
  const [asked, setAsked] = useState<{ candidate: Candidate; days: number } | null>(null);
  const query = useQuery({ ...pastQuery(policyId, asked?.candidate ?? candidate, asked?.days ?? days), enabled: asked !== null });
  const isOld = asked !== null && JSON.stringify(asked) !== JSON.stringify({ candidate, days });
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-end gap-2">
        <SelectField label="Alerts of the last" value={days} onChange={(event) => setDays(Number(event.target.value))} className="w-40">
          {DAYS.map((each) => (
            <option key={each} value={each}>
              {each === 1 ? "day" : `${each} days`}
            </option>
          ))}
        </SelectField>
        <Button onClick={() => setAsked({ candidate, days })} isBusy={query.isFetching}>
          {query.isFetching ? "Comparing…" : "Compare"}
        </Button>
        {isOld && <p className="text-warning">The draft has changed since. Compare again.</p>}
      </div>
      {asked && (
        <Loaded query={query} what="The comparison" isEmpty={(run) => run.alerts === 0} empty={<p className="text-muted">No alert opened under this policy in that time.</p>}>
          {(run) => <Result run={run} name={name} />}
        </Loaded>
      )}
    </div>
  );
}

const TOTALS: ReadonlyArray<[keyof Run["current"], string]> = [
  ["pages", "Pages to people"],
  ["night_pages", "of them at night"],
  ["channel_pages", "Posts to channels"],
  ["alerts_paged", "Alerts that paged"],
  ["exhausted", "Alerts that nobody took"],
];

function Result({ run, name }: { run: Run; name: string }) {
  return (
    <div className="grid gap-4">
      <p className="text-muted">
        {run.is_exact ? "All" : "The newest"} {run.alerts} alerts, each up to when it was really taken or over; people, rosters and their rules as they are now.
      </p>
      <Table caption="Pages under both versions">
        <thead>
          <tr>
            <Th>Would have been sent</Th>
            <Th className="text-right">Version {run.current_version}</Th>
            <Th className="text-right">{name}</Th>
            <Th className="text-right">Change</Th>
          </tr>
        </thead>
        <tbody>
          {TOTALS.map(([key, label]) => (
            <Row key={key} label={key === "night_pages" ? <span className="pl-4">{label}</span> : label} before={run.current[key]} after={run.candidate[key]} />
          ))}
          {run.people.map((person) => (
            <Row key={person.user.id} label={<Person id={person.user.id} name={person.user.display_name} />} before={person.current.pages} after={person.candidate.pages} nights={[person.current.night_pages, person.candidate.night_pages]} />
          ))}
        </tbody>
      </Table>
      <ul className="grid gap-1">
        {responseWords(run.response).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {run.changed.length > 0 && (
        <details>
          <summary className="py-2">{run.changed_total === 1 ? "The alert" : `The ${run.changed_total} alerts`} for which they differ</summary>
          <ul className="grid gap-2 pt-2">
            {run.changed.map((alert) => (
              <li key={alert.alert_id} className="flex flex-wrap justify-between gap-x-3">
                <Link to="/alerts/$alertId" params={{ alertId: alert.alert_id }} className="link min-w-0 wrap-anywhere">
                  {alert.title}
                </Link>
                <span className="text-muted">
                  <Moment at={alert.first_fired_at} />: {alert.current_pages} → {alert.candidate_pages} pages
                </span>
              </li>
            ))}
          </ul>
          {run.changed_total > run.changed.length && <p className="pt-2 text-muted">And {run.changed_total - run.changed.length} more.</p>}
        </details>
      )}
    </div>
  );
}

function Row({ label, before, after, nights }: { label: React.ReactNode; before: number; after: number; nights?: [number, number] }) {
  const change = after - before;
  const night = (count: number | undefined) => (count ? <span className="block text-xs text-muted">{count} at night</span> : null);
  return (
    <tr>
      <th scope="row" className="border-b py-2 pr-3 text-left font-normal">
        {label}
      </th>
      <Td className="text-right tabular-nums">
        {before}
        {night(nights?.[0])}
      </Td>
      <Td className="text-right tabular-nums">
        {after}
        {night(nights?.[1])}
      </Td>
      <Td className={`text-right tabular-nums ${change === 0 ? "text-muted" : ""}`}>{change === 0 ? "same" : `${change > 0 ? "+" : "−"}${Math.abs(change)}`}</Td>
    </tr>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { Moment } from "@/time/time";
import { absolute, zoneName } from "@/time/words";
import { Button } from "@/ui/button";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Person } from "@/ui/person";
import { SeverityMark } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";

import { handoffQuery, onCallQuery, shiftHistoryQuery, type RosterDetail } from "./queries";
import type { TabProps } from "./roster-page";
import { reasonWords, spanWords } from "./words";
import { WallField } from "./wall-field";
import { fromWall, iso, toWall } from "./zones";

export default function HistoryTab({ roster }: TabProps) {
  const shifts = useQuery(shiftHistoryQuery(roster.id));
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <TwoTimes roster={roster} />
      <HandoffNotes roster={roster} />
      <Panel title="The last shifts, as they were in force" className="lg:col-span-2">
        <p className="mb-2 text-xs text-muted">Each instant is answered from what was known then: later changes rewrite nothing.</p>
        <Loaded query={shifts} what="The last shifts" isEmpty={(page) => page.items.length === 0} empty={<Empty title="No shift yet">They appear here once they have begun.</Empty>}>
          {(page) => (
            <Table caption="The last shifts">
              <thead>
                <tr>
                  <Th>Person</Th>
                  <Th>When ({roster.timezone})</Th>
                  <Th>Why</Th>
                </tr>
              </thead>
              <tbody>
                {page.items.map((shift) => (
                  <tr key={shift.starts_at}>
                    <Td className="min-w-36">
                      <Person id={shift.user.id} name={shift.user.display_name} />
                    </Td>
                    <Td className="whitespace-nowrap">{spanWords(shift.starts_at, shift.ends_at, roster.timezone)}</Td>
                    <Td>{shift.source === "rotation" ? (shift.stands_in_for.length ? `stood in for ${shift.stands_in_for.map((person) => person.display_name).join(", ")}` : "rotation") : reasonWords(shift.source === "pin" ? "pin" : "override")}</Td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )}
        </Loaded>
      </Panel>
    </div>
  );
}

/** Who was on call at one instant, as it was known at another. */
function TwoTimes({ roster }: { roster: RosterDetail }) {
  const navigate = useNavigate({ from: "/rosters/$rosterId" });
  const { at, known_at: knownAt } = useSearch({ from: "/shell/rosters/$rosterId" });
  const zone = roster.timezone;
  const wall = (instant: string | undefined) => (instant ? toWall(Date.parse(instant), zone) : "");
  const [atWall, setAt] = useState(wall(at));
  const [knownWall, setKnown] = useState(wall(knownAt));
  const answer = useQuery(onCallQuery(roster.id, at, knownAt));
  const instant = (text: string) => {
    const ms = fromWall(text, zone);
    return ms === null ? undefined : iso(ms);
  };
  return (
    <Panel title="Who was on call, and what was known">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void navigate({ search: (search) => ({ ...search, at: instant(atWall), known_at: instant(knownWall) }) });
        }}
      >
        <WallField label="At" zone={zone} value={atWall} onChange={setAt} required={false} />
        <WallField label="As known at" zone={zone} value={knownWall} onChange={setKnown} required={false} />
        <p className="text-xs text-muted">Empty means now. A time before a change shows what was believed before it.</p>
        <Button type="submit" className="justify-self-start">
          Ask
        </Button>
      </form>
      <div className="mt-4 border-t pt-4" aria-live="polite">
        <Loaded query={answer} what="The answer">
          {(found) => (
            <div className="grid gap-2">
              <p className="text-muted">
                {absolute(found.at, zone)}
                {found.known_at ? `, as known ${absolute(found.known_at, zone)}` : ", as known now"}
              </p>
              {found.primary ? <Person id={found.primary.id} name={found.primary.display_name} /> : <p className="text-danger">Nobody: {reasonWords(found.reason)}</p>}
              {found.primary && (
                <p>
                  {reasonWords(found.reason)}
                  {found.starts_at && found.ends_at && `, ${spanWords(found.starts_at, found.ends_at, zone)}`}
                </p>
              )}
              {found.secondary && <p className="text-muted">Backup: {found.secondary.display_name}</p>}
              <p className="text-xs text-muted">From {found.versions.map((version) => `${version.name}, revision ${version.revision}`).join("; ") || "no revision"}.</p>
            </div>
          )}
        </Loaded>
      </div>
    </Panel>
  );
}

/** What the running shift hands over. */
function HandoffNotes({ roster }: { roster: RosterDetail }) {
  const query = useQuery(handoffQuery(roster.id));
  return (
    <Panel title="Handoff notes of this shift">
      <Loaded query={query} what="The handoff" lines={5}>
        {(handoff) => (
          <div className="grid gap-3">
            <p>
              {handoff.outgoing?.display_name ?? "Nobody"} hands over to {handoff.incoming?.display_name ?? "nobody"}
              {handoff.incoming_starts_at && (
                <>
                  {" "}
                  <Moment at={handoff.incoming_starts_at} zone={roster.timezone} /> {zoneName(handoff.incoming_starts_at, roster.timezone)}
                </>
              )}
              .
            </p>
            <dl className="grid grid-cols-3 gap-2 sm:grid-cols-5">
              {[
                ["Alerts", handoff.opened],
                ["Taken", handoff.acknowledged],
                ["Resolved", handoff.resolved],
                ["Pages", handoff.pages],
                ["At night", handoff.night_pages],
              ].map(([label, count]) => (
                <div key={label}>
                  <dt className="text-xs text-muted">{label}</dt>
                  <dd className="text-lg font-semibold tabular-nums">{count}</dd>
                </div>
              ))}
            </dl>
            <h3 className="font-medium">Still open ({handoff.open_total})</h3>
            {handoff.open_alerts.length === 0 ? (
              <p className="text-muted">Nothing is open.</p>
            ) : (
              <ul className="grid max-h-72 gap-1 overflow-y-auto" tabIndex={0} aria-label="Alerts that are still open">
                {handoff.open_alerts.map((alert) => (
                  <li key={alert.id} className="flex items-center gap-2">
                    <SeverityMark severity={alert.severity} />
                    <Link to="/alerts/$alertId" params={{ alertId: alert.id }} className="link min-h-6 min-w-0 flex-1 wrap-anywhere">
                      {alert.title}
                    </Link>
                    <span className="text-xs text-muted">{alert.assignee?.display_name ?? "nobody’s"}</span>
                  </li>
                ))}
              </ul>
            )}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

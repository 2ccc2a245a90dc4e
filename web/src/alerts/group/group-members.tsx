/** The alerts of a group, the lead and the open ones first. */
import { Link } from "@tanstack/react-router";

import type { Alert } from "@/alerts/act/commands";
import { pagingOf, plainly } from "@/alerts/detail/paging-words";
import type { Schema } from "@/api/client";
import { Ago, Countdown, WithTimes } from "@/time/time";
import { Person } from "@/ui/person";
import { Pill, SEVERITIES, SeverityMark, STATUSES, StatusPill } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";

interface Props {
  alerts: readonly Alert[];
  total: number;
  lead?: string | undefined;
  failures: readonly Schema["BulkFailure"][];
}

export function GroupMembers({ alerts, total, lead, failures }: Props) {
  const refused = new Map(failures.map((each) => [each.alert_id, each.reason]));
  const rank = (alert: Alert) => (alert.id === lead ? -100 : 0) + STATUSES.indexOf(alert.status) * 10 + SEVERITIES.indexOf(alert.severity);
  return (
    <>
      <Table caption="Alerts of the group">
        <thead>
          <tr>
            <Th>
              <span className="sr-only">Severity</span>
            </Th>
            <Th>Alert</Th>
            <Th>Status</Th>
            <Th>Pages</Th>
            <Th>Owner</Th>
            <Th>Since</Th>
          </tr>
        </thead>
        <tbody className="[&>tr:last-child>td]:border-b-0">
          {[...alerts]
            .sort((a, b) => rank(a) - rank(b))
            .map((alert) => (
              <tr key={alert.id}>
                <Td>
                  <SeverityMark severity={alert.severity} />
                </Td>
                <Td className="min-w-32 sm:min-w-48">
                  <Link to="/alerts/$alertId" params={{ alertId: alert.id }} className="link font-mono text-xs wrap-anywhere">
                    {alert.title}
                  </Link>{" "}
                  {alert.id === lead && <Pill className="border-accent text-accent">pages for all</Pill>}
                  {refused.has(alert.id) && <p className="text-xs text-danger">Not changed: {refused.get(alert.id)}</p>}
                </Td>
                <Td>
                  <StatusPill status={alert.status} />
                </Td>
                <Td className="min-w-44 text-muted">
                  {pagingOf(alert) === "due" && alert.next_escalation_at ? (
                    <>
                      in <Countdown to={alert.next_escalation_at} />
                    </>
                  ) : (
                    <>
                      nobody: <WithTimes text={plainly(alert.escalation_reason)} />
                    </>
                  )}
                </Td>
                <Td className="whitespace-nowrap">{alert.assignee ? <Person id={alert.assignee.id} name={alert.assignee.display_name} /> : <span className="text-muted">nobody</span>}</Td>
                <Td className="text-muted">
                  <Ago at={alert.first_fired_at} />
                </Td>
              </tr>
            ))}
        </tbody>
      </Table>
      {total > alerts.length && <p className="pt-2 text-muted">These are {alerts.length} of {total} alerts.</p>}
    </>
  );
}

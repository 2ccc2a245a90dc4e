/** What broke, where, since when, who has it; and the one sentence that says whether it pages. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { BellOff, BellRing, BellMinus, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { isOpen } from "@/alerts/act/commands";
import { ladderQuery } from "@/alerts/queries";
import type { Schema } from "@/api/client";
import { Age, Ago, Countdown, WithTimes } from "@/time/time";
import { Person } from "@/ui/person";
import { Pill, SeverityMark, StatusPill } from "@/ui/severity";

import { nextOf } from "./ladder-rungs";
import { pagingOf, saidPaging } from "./paging-words";
import { placesOf } from "./places";

type Detail = Schema["AlertDetail"];

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}

export function AlertHead({ alert, refusal }: { alert: Detail; refusal: string | null }) {
  return (
    <div className="grid gap-3">
      {refusal && <p className="text-muted">{refusal}</p>}
      <dl className="flex flex-wrap gap-x-8 gap-y-3 rounded-lg border bg-card px-4 py-3">
        <Fact name="Status">
          <span className="inline-flex flex-wrap gap-1">
            <StatusPill status={alert.status} />
            {alert.escalation_state === "snoozed" && <Pill>snoozed</Pill>}
            {alert.escalation_state === "muted" && <Pill>muted</Pill>}
          </span>
        </Fact>
        <Fact name="Severity">
          <SeverityMark severity={alert.severity} isNamed size={18} />
        </Fact>
        <Fact name="Service">
          {alert.service ? (
            <Link to="/alerts" search={{ service: [alert.service.name] }} className="link">
              {alert.service.name}
            </Link>
          ) : (
            <span className="text-muted">none</span>
          )}
        </Fact>
        {placesOf(alert).map(({ name, value, search }) => (
          <Fact key={name} name={name}>
            <Link to="/alerts" search={search} className="link">
              {value}
            </Link>
          </Fact>
        ))}
        {isOpen(alert) ? (
          <Fact name="Since">
            <Age since={alert.first_fired_at} />
          </Fact>
        ) : (
          <Fact name="Resolved">{alert.resolved_at && <Ago at={alert.resolved_at} />}{alert.resolved_by && ` by ${alert.resolved_by.name}`}</Fact>
        )}
        <Fact name="Fired">
          {alert.occurrence_count === 1 ? "once" : `${alert.occurrence_count} times, last `}
          {alert.occurrence_count > 1 && <Ago at={alert.last_fired_at} />}
          {alert.episode > 1 && <span className="text-muted">, episode {alert.episode}</span>}
        </Fact>
        {isOpen(alert) && alert.acknowledged_by && (
          <Fact name={alert.status === "investigating" ? "Investigated by" : "Acknowledged by"}>
            {alert.acknowledged_by.name}
            {alert.acknowledged_at && (
              <span className="text-muted">
                , <Ago at={alert.acknowledged_at} />
              </span>
            )}
          </Fact>
        )}
        <Fact name="Owner">{alert.assignee ? <Person id={alert.assignee.id} name={alert.assignee.display_name} /> : <span className="text-muted">nobody</span>}</Fact>
        {alert.group && (
          <Fact name="Group">
            <Link to="/groups/$groupId" params={{ groupId: alert.group.id }} className="link">
              {alert.group.name}
            </Link>
          </Fact>
        )}
      </dl>
      <PagingLine alert={alert} />
      {alert.status === "resolved" && alert.resolution && (
        <p className="rounded-lg border border-ok px-4 py-2 whitespace-pre-wrap wrap-anywhere">
          <span className="font-medium text-ok">What fixed it:</span> {alert.resolution}
        </p>
      )}
    </div>
  );
}

const LOOKS = {
  due: { icon: BellRing, color: "border-accent", mark: "text-accent" },
  held: { icon: BellMinus, color: "border-warning", mark: "text-warning" },
  nobody: { icon: BellOff, color: "border-line", mark: "text-muted" },
  lost: { icon: TriangleAlert, color: "border-danger text-danger", mark: "text-danger" },
} as const;

function PagingLine({ alert }: { alert: Detail }) {
  const paging = pagingOf(alert);
  const { icon: Icon, color, mark } = LOOKS[paging];
  const ladder = useQuery(ladderQuery(alert.id));
  const until = alert.snoozed_until ?? (paging === "held" ? alert.next_escalation_at : null);
  return (
    <p className={clsx("flex items-start gap-2 rounded-lg border px-4 py-2", color)}>
      <Icon size={18} aria-hidden className={clsx("mt-0.5 shrink-0", mark)} />
      <span className="wrap-anywhere">
        <WithTimes text={saidPaging(alert, nextOf(ladder.data))} />
        {paging === "due" && alert.next_escalation_at && (
          <>
            , in <Countdown to={alert.next_escalation_at} />
          </>
        )}
        .
        {until && (
          <span className="text-muted">
            {" "}
            It is judged again <Ago at={until} />.
          </span>
        )}
        {alert.muted_by?.alert_id && (
          <>
            {" "}
            <Link to="/alerts/$alertId" params={{ alertId: alert.muted_by.alert_id }} className="link">
              The alert that pages for it
            </Link>
          </>
        )}
      </span>
    </p>
  );
}

/** What the knowledge base says about an alert: how sure it is, what helped before, and the way to write it down. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { Alert } from "@/alerts/act/commands";
import { incidentQuery } from "@/alerts/queries";
import type { Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { span } from "@/time/words";
import { buttonClass } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { Pill } from "@/ui/severity";

import { stepsOf } from "./solution";
import { Checklist } from "./steps";

type Known = Schema["MatchedIncident"];

const KINDS: Record<Known["kind"], string> = { fingerprint: "the same problem", learned: "written from this alert", pattern: "its text fits a pattern", text: "the words are alike" };

export function KnownAnswer({ alert }: { alert: Alert }) {
  const known = alert.matched_incident;
  return (
    <Panel title="What is known" actions={known && <Match known={known} />}>
      {known ? <Answer known={known} alertId={alert.id} /> : <Unknown alert={alert} />}
    </Panel>
  );
}

function Match({ known }: { known: Known }) {
  const isSure = known.kind === "fingerprint" || known.kind === "learned";
  return (
    <Pill className={isSure ? "border-ok text-ok" : "border-control text-muted"}>
      {KINDS[known.kind]}
      {!isSure && `, ${Math.round(known.score * 100)} % sure`}
    </Pill>
  );
}

function Answer({ known, alertId }: { known: Known; alertId: string }) {
  const steps = stepsOf(known.solution);
  return (
    <div className="grid gap-3">
      <p>
        <Link to="/incidents/$incidentId" params={{ incidentId: known.id }} search={{ alert: alertId }} className="link font-medium wrap-anywhere">
          {known.title}
        </Link>
      </p>
      {steps.length > 0 ? <Checklist key={known.id} steps={steps} of={`incident.${known.id}`} alertId={alertId} /> : <p className="text-muted">No solution is written down yet.</p>}
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1 border-t pt-3 text-xs text-muted">
        <LastHelp known={known} />
        {known.runbook_id && (
          <span>
            Runbook:{" "}
            <Link to="/runbooks/$runbookId" params={{ runbookId: known.runbook_id }} search={{ alert: alertId }} className="link">
              {known.runbook_title ?? "open"}
            </Link>
          </span>
        )}
      </div>
    </div>
  );
}

function LastHelp({ known }: { known: Known }) {
  const incident = useQuery({ ...incidentQuery(known.id), enabled: known.resolution_count > 0 });
  if (known.resolution_count === 0) return <span>Not used yet to resolve an alert. Resolving this one counts.</span>;
  const last = incident.data?.last_resolved_at;
  return (
    <span>
      Helped {known.resolution_count === 1 ? "once" : `${known.resolution_count} times`}
      {known.avg_resolution_mins !== null && `, in ${span(known.avg_resolution_mins * 60_000)} on average`}
      {last && (
        <>
          , last <Ago at={last} />
          {incident.data?.last_resolved_by && ` by ${incident.data.last_resolved_by.name}`}
        </>
      )}
      .
    </span>
  );
}

function Unknown({ alert }: { alert: Alert }) {
  const me = useMe();
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <div className="max-w-prose">
        <p className="font-medium">Nothing is known about this yet</p>
        <p className="text-muted">No incident has its fingerprint, a pattern that fits its text, or words like these.</p>
      </div>
      {may(me, "engineer") && (
        <Link to="/incidents/new" search={{ alert: alert.id }} className={buttonClass()}>
          Write down what helps
        </Link>
      )}
    </div>
  );
}

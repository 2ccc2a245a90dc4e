/** What the knowledge base says about an alert: how sure it is, what helped before, and the way to write it down. */
import { Link } from "@tanstack/react-router";

import type { Alert } from "@/alerts/act/commands";
import type { Schema } from "@/api/client";
import { LastResolutions } from "@/knowledge/last-resolutions";
import { shareHelped } from "@/knowledge/vote-words";
import { may, useMe } from "@/session/me";
import { span } from "@/time/words";
import { buttonClass } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { Pill } from "@/ui/severity";

import { DidItHelp } from "./did-it-help";
import { stepsOf } from "./solution";
import { Checklist } from "./steps";

type Known = Schema["MatchedIncident"];

const KINDS: Record<Known["kind"], string> = { fingerprint: "the same problem", learned: "written from this alert", pattern: "its text fits a pattern", text: "the words are alike" };

export function KnownAnswer({ alert }: { alert: Alert }) {
  const known = alert.matched_incident;
  return (
    <Panel title="What is known" actions={known && <Match known={known} />}>
      {known ? <Answer alert={alert} known={known} /> : <Unknown alert={alert} />}
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

function Answer({ alert, known }: { alert: Alert; known: Known }) {
  const steps = stepsOf(known.solution);
  return (
    <div className="grid gap-3">
      <p>
        <Link to="/incidents/$incidentId" params={{ incidentId: known.id }} search={{ alert: alert.id }} className="link font-medium wrap-anywhere">
          {known.title}
        </Link>
      </p>
      {steps.length > 0 ? <Checklist key={known.id} steps={steps} of={`incident.${known.id}`} alertId={alert.id} /> : <p className="text-muted">No solution is written down yet.</p>}
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1 border-t pt-3 text-xs text-muted">
        <HowUseful known={known} />
        {known.runbook_id && (
          <span>
            Runbook:{" "}
            <Link to="/runbooks/$runbookId" params={{ runbookId: known.runbook_id }} search={{ alert: alert.id }} className="link">
              {known.runbook_title ?? "open"}
            </Link>
          </span>
        )}
      </div>
      {known.resolution_count > 0 && (
        <div className="grid gap-2">
          <h3 className="text-xs text-muted">The last times it fixed this</h3>
          <LastResolutions incidentId={known.id} except={alert.id} />
        </div>
      )}
      <DidItHelp key={alert.id} alert={alert} />
    </div>
  );
}

function HowUseful({ known }: { known: Known }) {
  const share = shareHelped(known);
  return (
    <span>
      {known.resolution_count === 0
        ? "Not used yet to resolve an alert. Resolving this one counts."
        : `Used ${known.resolution_count === 1 ? "once" : `${known.resolution_count} times`}${known.avg_resolution_mins === null ? "" : `, in ${span(known.avg_resolution_mins * 60_000)} on average`}.`}
      {share && ` ${share}.`}
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

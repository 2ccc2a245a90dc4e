/** What the knowledge base says about an alert: how sure it is, what helped before, and the way to write it down. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import type { Alert } from "@/alerts/act/commands";
import { incidentQuery } from "@/alerts/queries";
import type { Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { span } from "@/time/words";
import { buttonClass } from "@/ui/button";
import { Snippet } from "@/ui/copy";
import { Panel } from "@/ui/panel";
import { Pill } from "@/ui/severity";

import { stepsOf, type Step } from "./solution";

type Known = Schema["MatchedIncident"];

const KINDS: Record<Known["kind"], string> = { fingerprint: "the same problem", learned: "written from this alert", pattern: "its text fits a pattern", text: "the words are alike" };

export function KnownAnswer({ alert }: { alert: Alert }) {
  const known = alert.matched_incident;
  return (
    <Panel title="What is known" actions={known && <Match known={known} />}>
      {known ? <Answer known={known} /> : <Unknown alert={alert} />}
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

function Answer({ known }: { known: Known }) {
  const steps = stepsOf(known.solution);
  return (
    <div className="grid gap-3">
      <p>
        <Link to="/incidents/$incidentId" params={{ incidentId: known.id }} className="link font-medium wrap-anywhere">
          {known.title}
        </Link>
      </p>
      {steps.length > 0 ? <Checklist key={known.id} steps={steps} /> : <p className="text-muted">No solution is written down yet.</p>}
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1 border-t pt-3 text-xs text-muted">
        <LastHelp known={known} />
        {known.runbook_id && (
          <span>
            Runbook:{" "}
            <Link to="/runbooks/$runbookId" params={{ runbookId: known.runbook_id }} className="link">
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

/** Ticks are for whoever works through it now, and are not kept. */
function Checklist({ steps }: { steps: readonly Step[] }) {
  const [done, setDone] = useState<ReadonlySet<number>>(new Set());
  const toggle = (place: number) => {
    const next = new Set(done);
    if (!next.delete(place)) next.add(place);
    setDone(next);
  };
  return (
    <ol className="grid gap-2" aria-label="Solution">
      {steps.map((step, place) => {
        const words = step.parts.filter((part) => part.kind === "text").map((part) => part.text).join(" ") || `Step ${place + 1}`;
        return (
          <li key={place} className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
            <input type="checkbox" aria-label={`Done: ${words}`} checked={done.has(place)} onChange={() => toggle(place)} className="mt-0.5 size-4 accent-(--accent) pointer-coarse:size-6" />
            <div className="grid min-w-0 gap-1.5">
              {step.parts.map((part, at) =>
                part.kind === "command" ? (
                  <Snippet key={at} text={part.text} label="Copy the command" />
                ) : (
                  <p key={at} className={done.has(place) ? "text-muted line-through wrap-anywhere" : "wrap-anywhere"}>
                    <Words text={part.text} />
                  </p>
                ),
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

/** A text in which `code` is set as code. */
function Words({ text }: { text: string }) {
  return text.split(/`([^`]+)`/u).map((part, place) => (place % 2 ? <code key={place} className="rounded bg-sunken px-1 font-mono text-xs">{part}</code> : part));
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

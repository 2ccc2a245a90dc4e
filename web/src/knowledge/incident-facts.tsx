import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { runbookQuery } from "@/runbooks/queries";
import { Ago, Moment } from "@/time/time";
import { span } from "@/time/words";
import { CopyButton } from "@/ui/copy";
import { safeHref } from "@/ui/markdown-inline";
import { Loaded, Panel } from "@/ui/panel";
import { Pill, SeverityMark } from "@/ui/severity";

import { LastResolutions } from "./last-resolutions";
import type { Incident } from "./queries";
import { shareHelped } from "./vote-words";

const ORIGINS: Record<Incident["origin"], string> = { person: "a person", agent: "an agent's repair", import: "an import" };

export function IncidentFacts({ incident }: { incident: Incident }) {
  const postmortem = incident.postmortem_url && safeHref(incident.postmortem_url);
  return (
    <div className="grid content-start gap-4">
      <Panel title="How useful it is">
        <dl className="grid grid-cols-2 gap-3">
          <Figure label="Alerts solved">{incident.resolution_count}</Figure>
          <Figure label="Time on average">{incident.avg_resolution_mins === null ? "–" : span(incident.avg_resolution_mins * 60_000)}</Figure>
          <Figure label="Last used">{incident.last_resolved_at ? <Ago at={incident.last_resolved_at} /> : "never"}</Figure>
          <Figure label="Last used by">{incident.last_resolved_by?.name ?? "–"}</Figure>
          <Figure label="Did it help?">{shareHelped(incident) ?? "nobody has said yet"}</Figure>
        </dl>
      </Panel>
      {incident.resolution_count > 0 && (
        <Panel title="The last times it helped">
          <LastResolutions incidentId={incident.id} />
        </Panel>
      )}
      {incident.runbook_id && (
        <Panel title="Runbook">
          <RunbookLink id={incident.runbook_id} />
        </Panel>
      )}
      <Panel title="Where it belongs">
        <dl className="grid gap-3">
          <Fact label="Severity">
            <SeverityMark severity={incident.severity} isNamed />
          </Fact>
          <Fact label="Category">{incident.category ?? <None />}</Fact>
          <Chips label="Services" values={incident.services} />
          <Chips label="Clusters" values={incident.clusters} />
          <Chips label="Namespaces" values={incident.namespaces} />
          <Chips label="Tags" values={incident.tags} />
          {postmortem && (
            <Fact label="Post-mortem">
              <a href={postmortem} target="_blank" rel="noopener noreferrer" className="link wrap-anywhere">
                {new URL(postmortem).host}
              </a>
            </Fact>
          )}
          <Fact label="Comes from">
            {ORIGINS[incident.origin]}, <Moment at={incident.created_at} />
          </Fact>
        </dl>
      </Panel>
      <Panel title="What finds it">
        <dl className="grid gap-3">
          <Codes label="Error patterns" values={incident.error_patterns} />
          <Codes label="Fingerprints" values={incident.fingerprints} />
        </dl>
      </Panel>
    </div>
  );
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="font-medium wrap-anywhere">{children}</dd>
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[7rem_minmax(0,1fr)] gap-2">
      <dt className="text-muted">{label}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}

function Chips({ label, values }: { label: string; values: readonly string[] }) {
  return (
    <Fact label={label}>
      {values.length === 0 ? (
        <None />
      ) : (
        <span className="flex flex-wrap gap-1">
          {values.map((value) => (
            <Pill key={value}>{value}</Pill>
          ))}
        </span>
      )}
    </Fact>
  );
}

function Codes({ label, values }: { label: string; values: readonly string[] }) {
  return (
    <div className="grid gap-1">
      <dt className="text-muted">{label}</dt>
      {values.length === 0 ? (
        <dd>
          <None />
        </dd>
      ) : (
        values.map((value) => (
          <dd key={value} className="flex min-w-0 items-center gap-1 rounded bg-sunken pl-2">
            <code className="min-w-0 flex-1 font-mono text-xs wrap-anywhere">{value}</code>
            <CopyButton text={value} label={`Copy ${value}`} />
          </dd>
        ))
      )}
    </div>
  );
}

function None() {
  return <span className="text-muted">none</span>;
}

function RunbookLink({ id }: { id: string }) {
  const runbook = useQuery(runbookQuery(id));
  return (
    <Loaded query={runbook} what="The runbook" lines={1}>
      {({ body }) => (
        <Link to="/runbooks/$runbookId" params={{ runbookId: id }} className="link">
          {body.title}
        </Link>
      )}
    </Loaded>
  );
}

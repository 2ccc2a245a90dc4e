/** What the sender said: the description, labels that filter the list, annotations, and what an agent reports. */
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";

import type { Alert } from "@/alerts/act/commands";
import type { Schema } from "@/api/client";
import { CopyButton } from "@/ui/copy";
import { Panel } from "@/ui/panel";

export function AlertFacts({ alert }: { alert: Alert }) {
  const labels = Object.entries(alert.labels);
  const annotations = Object.entries(alert.annotations);
  return (
    <Panel title="What it says">
      <div className="grid gap-4">
        {alert.description && <p className="whitespace-pre-wrap wrap-anywhere">{alert.description}</p>}
        {alert.agent && <AgentWords agent={alert.agent} />}
        {labels.length > 0 ? (
          <div className="grid gap-1.5">
            <h3 className="text-xs text-muted">Labels: press one to see the alerts that have it</h3>
            <ul className="flex flex-wrap gap-1.5">
              {labels.map(([name, value]) => (
                <li key={name} className="min-w-0">
                  <Link to="/alerts" search={{ label: [`${name}=${value}`] }} className="inline-flex min-h-6 max-w-full items-center rounded-md border bg-raised px-2 py-0.5 font-mono text-xs wrap-anywhere hover:border-accent pointer-coarse:min-h-11">
                    <span className="wrap-anywhere">
                      <span className="text-muted">{name}=</span>
                      {value}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ) : (
          <p className="text-muted">It came without labels.</p>
        )}
        {annotations.length > 0 && (
          <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[auto_minmax(0,1fr)]">
            {annotations.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="font-mono text-xs leading-5 text-muted">{name}</dt>
                <dd className="wrap-anywhere">
                  <MaybeLink text={value} />
                </dd>
              </div>
            ))}
          </dl>
        )}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t pt-3 text-xs text-muted">
          <span className="inline-flex min-w-0 items-center gap-1">
            Fingerprint <code className="font-mono wrap-anywhere">{alert.fingerprint}</code> <CopyButton text={alert.fingerprint} label="Copy the fingerprint" />
          </span>
          {alert.generator_url && (
            <span>
              <MaybeLink text={alert.generator_url} words="Where it comes from" />
            </span>
          )}
        </div>
      </div>
    </Panel>
  );
}

/** Only web addresses become links: what a sender wrote is not trusted further. */
function MaybeLink({ text, words }: { text: string; words?: string }) {
  if (!/^https?:\/\/\S+$/u.test(text)) return <>{text}</>;
  return (
    <a href={text} target="_blank" rel="noreferrer" className="link wrap-anywhere">
      {words ?? text} <ExternalLink size={12} className="inline" aria-label="(opens in a new tab)" />
    </a>
  );
}

function AgentWords({ agent }: { agent: Schema["AgentReport"] }) {
  return (
    <div className="rounded-md border px-3 py-2">
      <p>
        <span className="font-medium">{agent.agent_id}</span> {agent.auto_resolved ? "mended it" : "reports"}
        {agent.confidence != null && <span className="text-muted">, {Math.round(agent.confidence * 100)} % sure</span>}
      </p>
      {agent.action_taken && <p className="wrap-anywhere">Did: {agent.action_taken}</p>}
      {agent.action_result && <p className="wrap-anywhere">Result: {agent.action_result}</p>}
    </div>
  );
}

/** The alert under the cursor in short: enough to decide whether to take it, and the way to all of it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState, type ReactNode } from "react";

import type { AlertActions } from "@/alerts/act/actions";
import { isOpen } from "@/alerts/act/commands";
import { stepsOf } from "@/alerts/detail/solution";
import { StepsInShort } from "@/alerts/detail/steps";
import { FOR_READERS, offersFor } from "@/alerts/detail/verbs";
import { ladderQuery } from "@/alerts/queries";
import { may, useMe } from "@/session/me";
import { Absolute, Age, Ago, Countdown, WithTimes } from "@/time/time";
import { Button } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";
import { Loaded } from "@/ui/panel";
import { SeverityMark, StatusPill } from "@/ui/severity";

import type { Ask } from "./ask";
import type { Alert } from "./queries";
import { holderOf, kindOfMatch } from "./words";

const REST_MS = 200;

interface PaneProps {
  alert: Alert;
  actions: AlertActions;
  onAsk: (kind: Ask["kind"]) => void;
}

export function ListPane({ alert, actions, onAsk }: PaneProps) {
  const holder = holderOf(alert);
  const labels = Object.entries(alert.labels);
  return (
    <section aria-labelledby="pane-title" className="grid gap-4 rounded-lg border bg-card p-4">
      <header className="grid gap-2">
        <div className="flex flex-wrap items-center gap-2">
          <SeverityMark severity={alert.severity} isNamed />
          <StatusPill status={alert.status} />
          <Link to="/alerts/$alertId" params={{ alertId: alert.id }} className="link ml-auto">
            Open<span className="sr-only"> {alert.title}</span>
          </Link>
        </div>
        <h2 id="pane-title" className="line-clamp-3 font-mono wrap-anywhere">
          {alert.title}
        </h2>
        {alert.muted_by && (
          <p className="line-clamp-2 text-xs text-muted wrap-anywhere">
            Muted by <WithTimes text={alert.muted_by.name} />
          </p>
        )}
        <p className="text-muted">
          {alert.service?.name ?? "no service"} · {alert.source} · fired {alert.occurrence_count === 1 ? "once" : `${alert.occurrence_count} times`} · <Age since={alert.first_fired_at} />
          {holder && <> · with {holder.name}</>}
        </p>
      </header>
      <PaneActions alert={alert} actions={actions} onAsk={onAsk} />
      {alert.description && <p className="line-clamp-6 whitespace-pre-line wrap-anywhere">{alert.description}</p>}
      {alert.matched_incident && (
        <Part title="Known fix">
          <Link to="/incidents/$incidentId" params={{ incidentId: alert.matched_incident.id }} className="link wrap-anywhere">
            {alert.matched_incident.title}
          </Link>
          <p className="text-xs text-muted">{kindOfMatch(alert.matched_incident)}</p>
          <div className="mt-2">
            <StepsInShort steps={stepsOf(alert.matched_incident.solution)} />
          </div>
        </Part>
      )}
      <Part title="What comes next">
        <Next alert={alert} />
      </Part>
      {labels.length > 0 && (
        <Part title="Labels">
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 font-mono text-xs">
            {labels.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-muted">{name}</dt>
                <dd className="wrap-anywhere">{value}</dd>
              </div>
            ))}
          </dl>
        </Part>
      )}
      <p className="text-xs text-muted">
        First fired <Absolute at={alert.first_fired_at} />, last <Ago at={alert.last_fired_at} />
      </p>
    </section>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="border-t pt-3">
      <h3 className="mb-1 text-xs font-medium text-muted">{title}</h3>
      {children}
    </div>
  );
}

function PaneActions({ alert, actions, onAsk }: PaneProps) {
  const me = useMe();
  if (!may(me, "engineer")) return <p className="text-muted">{FOR_READERS}</p>;
  if (!isOpen(alert))
    return (
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => void actions.reopen(alert)}>Reopen</Button>
        <Button hint="c" onClick={() => onAsk("comment")}>
          Comment
        </Button>
      </div>
    );
  const refusal = offersFor(alert).find(({ verb }) => verb === "escalate")?.refusal;
  return (
    <div className="flex flex-wrap gap-2">
      {alert.status === "firing" ? (
        <Button look="ack" hint="a" className="flex-1" onClick={() => void actions.acknowledge(alert)}>
          Acknowledge
        </Button>
      ) : (
        alert.status === "acknowledged" && <Button hint="i" onClick={() => void actions.investigate(alert)}>Investigate</Button>
      )}
      <Button hint="r" onClick={() => onAsk("resolve")}>
        Resolve
      </Button>
      <Button hint="s" onClick={() => onAsk("snooze")}>
        Snooze
      </Button>
      <Menu trigger={<Button>More</Button>}>
        <MenuItem onSelect={() => onAsk("assign")}>Assign…</MenuItem>
        <MenuItem onSelect={() => onAsk("comment")}>Comment…</MenuItem>
        <MenuItem onSelect={() => onAsk("escalate")} disabled={refusal !== undefined}>
          <span>
            Escalate now…
            {refusal && <span className="block text-xs text-muted">{refusal}</span>}
          </span>
        </MenuItem>
        {alert.status !== "firing" && <MenuItem onSelect={() => void actions.unacknowledge(alert)}>Give back</MenuItem>}
      </Menu>
    </div>
  );
}

/** Asked for only where the cursor rests: whoever holds `j` asks for nothing. */
function Next({ alert }: { alert: Alert }) {
  const [rested, setRested] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setRested(alert.id), REST_MS);
    return () => clearTimeout(timer);
  }, [alert.id]);
  const isPending = alert.escalation_state === "pending";
  const ladder = useQuery({ ...ladderQuery(alert.id), enabled: isPending && rested === alert.id });
  if (!isPending) return <p className="text-muted first-letter:uppercase">{alert.snoozed_until ? <>Snoozed until <Absolute at={alert.snoozed_until} /></> : <>Nobody is paged next: <WithTimes text={alert.escalation_reason} /></>}</p>;
  return (
    <Loaded query={ladder} what="The ladder" lines={2}>
      {(known) => {
        const rung = known.next[0];
        if (!rung) return <p className="text-muted first-letter:uppercase"><WithTimes text={known.reason} /></p>;
        const names = [...new Set(rung.pages.map((page) => page.user?.display_name ?? page.recipient))];
        return (
          <p>
            {rung.is_end ? "The end of the ladder: admins are told" : `Tier ${rung.tier + 1} pages ${names.length ? names.join(", ") : "nobody"}`} in <Countdown to={rung.at} />
            {rung.is_fallback && <span className="block text-warning">Nobody is behind this tier, so the admins are paged.</span>}
          </p>
        );
      }}
    </Loaded>
  );
}

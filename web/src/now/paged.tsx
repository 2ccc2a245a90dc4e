/** "Is it me?": what was paged to the reader, with the button that takes it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { useAlertActions } from "@/alerts/act/actions";
import { seenOfPaged } from "@/alerts/act/commands";
import { alertQuery } from "@/alerts/queries";
import { FOR_READERS } from "@/alerts/detail/verbs";
import { queries } from "@/api/queries";
import { useKeys } from "@/app/keys";
import { usePaletteVerbs } from "@/app/palette-verbs";
import { may, useMe } from "@/session/me";
import { Age, Ago, Countdown } from "@/time/time";
import { Button } from "@/ui/button";
import { SeverityMark, StatusPill } from "@/ui/severity";

import type { Now } from "./queries";
import { Quiet } from "./quiet";

type Paged = Now["paged_to_me"][number];

/** So many have their card; the rest stands in the list. */
const CARDS = 6;

export function PagedToMe({ now }: { now: Now }) {
  const me = useMe();
  const waiting = now.paged_to_me.filter((alert) => alert.status === "firing");
  const take = useTake();
  const only = waiting.length === 1 && may(me, "engineer") ? waiting[0] : undefined;
  useKeys(only ? { a: () => take(only) } : {});
  usePaletteVerbs(() =>
    waiting.slice(0, CARDS).map((alert) => ({
      label: `Acknowledge “${alert.title}”`,
      run: () => take(alert),
      hint: alert === only ? "a" : undefined,
      disabledReason: may(me, "engineer") ? undefined : FOR_READERS,
    })),
  );
  if (now.paged_to_me.length === 0) return <Quiet now={now} />;
  const more = now.paged_total - Math.min(CARDS, now.paged_to_me.length);
  return (
    <ul className="grid gap-3">
      {now.paged_to_me.slice(0, CARDS).map((alert) => (
        <Card key={alert.id} alert={alert} hint={alert === only ? "a" : undefined} onTake={() => take(alert)} />
      ))}
      {more > 0 && me.user_id && (
        <li>
          <Link to="/alerts" search={{ assignee: me.user_id }} className="link">
            {more} more
          </Link>
        </li>
      )}
    </ul>
  );
}

/** Acknowledges through the same action as everywhere. Nothing is asked first: the network may have gone. */
function useTake() {
  const actions = useAlertActions();
  return (paged: Paged) => {
    const known = queries.getQueryData(alertQuery(paged.id).queryKey);
    void actions.acknowledge(known && known.version >= paged.version ? known : seenOfPaged(paged));
  };
}

function Card({ alert, hint, onTake }: { alert: Paged; hint: string | undefined; onTake: () => void }) {
  const me = useMe();
  // Asked for ahead: it knows more of what Undo should lead back to.
  useQuery(alertQuery(alert.id));
  const isWaiting = alert.status === "firing";
  return (
    <li className={`grid gap-3 rounded-lg border p-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-center ${isWaiting ? "border-ack bg-accent-soft" : "bg-card"}`}>
      <div className="grid min-w-0 gap-1">
        <div className="flex min-w-0 items-start gap-2">
          <SeverityMark severity={alert.severity} size={22} />
          <Link to="/alerts/$alertId" params={{ alertId: alert.id }} className="font-mono font-semibold wrap-anywhere hover:underline">
            {alert.title}
          </Link>
        </div>
        <p className="flex flex-wrap gap-x-2 text-muted">
          <span className="wrap-anywhere">{alert.service?.name ?? alert.source}</span>
          <span>
            · <Age since={alert.first_fired_at} />
          </span>
          {alert.occurrence_count > 1 && <span>· {alert.occurrence_count} ×</span>}
          {alert.is_matched && <span className="text-accent">· a known fix</span>}
          {alert.assignee && <span className="wrap-anywhere">· assigned to {alert.assignee.id === me.user_id ? "you" : alert.assignee.display_name}</span>}
        </p>
        <p>{isWaiting ? <NextTier alert={alert} /> : <Taken alert={alert} />}</p>
      </div>
      {isWaiting && may(me, "engineer") && (
        <Button look="ack" className="min-h-14 px-6 text-base sm:min-h-12" hint={hint} onClick={onTake} aria-label={`Acknowledge ${alert.title}`}>
          Acknowledge
        </Button>
      )}
    </li>
  );
}

function NextTier({ alert }: { alert: Paged }) {
  switch (alert.escalation_state) {
    case "pending":
      return alert.next_tier_at ? (
        <>
          Next tier is paged in <strong className="text-base"><Countdown to={alert.next_tier_at} /></strong>
        </>
      ) : (
        "No further tier is due."
      );
    case "snoozed":
      return alert.next_tier_at ? <>Snoozed. Pages again in <Countdown to={alert.next_tier_at} /></> : "Snoozed.";
    case "muted":
      return "Muted: nobody else is paged for now.";
    case "exhausted":
      return <strong className="text-danger">The last tier has passed. Nobody else is paged.</strong>;
    default:
      return "Nobody else is paged.";
  }
}

function Taken({ alert }: { alert: Paged }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      <StatusPill status={alert.status} />
      {alert.acknowledged_by && alert.acknowledged_at && (
        <span className="text-muted">
          {alert.acknowledged_by.name}, <Ago at={alert.acknowledged_at} />
        </span>
      )}
    </span>
  );
}

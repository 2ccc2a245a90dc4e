/** What else belongs to an alert: its group, the earlier episodes of the same problem, and other problems that are like it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { Alert } from "@/alerts/act/commands";
import { episodesQuery, membersQuery, similarAlertsQuery } from "@/alerts/queries";
import type { Schema } from "@/api/client";
import { Ago } from "@/time/time";
import { Loaded, Panel } from "@/ui/panel";
import { SeverityMark, StatusPill } from "@/ui/severity";

import { saidShares } from "./likeness";

const SHOWN = 5;

export function AlertRelated({ alert }: { alert: Schema["AlertDetail"] }) {
  return (
    <Panel title="What belongs to it">
      <div className="grid gap-4">
        {alert.group && <GroupMembers alert={alert} group={alert.group} />}
        <Episodes alert={alert} />
        <Similar alertId={alert.id} />
      </div>
    </Panel>
  );
}

function GroupMembers({ alert, group }: { alert: Alert; group: Schema["GroupRef"] }) {
  const members = useQuery(membersQuery(group.id));
  return (
    <section className="grid gap-2">
      <h3 className="text-xs text-muted">
        In the group{" "}
        <Link to="/groups/$groupId" params={{ groupId: group.id }} className="link">
          {group.name}
        </Link>
      </h3>
      <Loaded query={members} what="The group" isEmpty={({ items }) => items.every((each) => each.id === alert.id)} empty={<p className="text-muted">Nothing else is in it yet.</p>}>
        {({ items, total }) => {
          const others = items.filter((each) => each.id !== alert.id);
          return (
            <>
              <AlertLines alerts={others.slice(0, SHOWN)} />
              {total - 1 > SHOWN && (
                <Link to="/groups/$groupId" params={{ groupId: group.id }} className="link">
                  All {total} of the group
                </Link>
              )}
            </>
          );
        }}
      </Loaded>
    </section>
  );
}

function Episodes({ alert }: { alert: Schema["AlertDetail"] }) {
  const episodes = useQuery(episodesQuery(alert.fingerprint));
  return (
    <section className="grid gap-2">
      <h3 className="text-xs text-muted">
        The same problem before{alert.is_flapping && <span className="text-warning">: {alert.recent_episodes} times in 24 hours, it flaps</span>}
      </h3>
      <Loaded query={episodes} what="Earlier episodes" lines={1} isEmpty={({ items }) => items.every((each) => each.id === alert.id)} empty={<p className="text-muted">This is the first time.</p>}>
        {({ items }) => <AlertLines alerts={items.filter((each) => each.id !== alert.id).slice(0, SHOWN)} />}
      </Loaded>
    </section>
  );
}

function Similar({ alertId }: { alertId: string }) {
  const similar = useQuery(similarAlertsQuery(alertId));
  return (
    <section className="grid gap-2">
      <h3 className="text-xs text-muted">Similar: other problems with the same service, name or known answer</h3>
      <Loaded query={similar} what="Similar alerts" lines={2} isEmpty={({ items }) => items.length === 0} empty={<p className="text-muted">None is open, and none came lately.</p>}>
        {({ items }) => <AlertLines alerts={items} noteOf={(each) => saidShares(each.shares)} />}
      </Loaded>
    </section>
  );
}

type Shown = Pick<Alert, "id" | "title" | "severity" | "status" | "first_fired_at" | "resolution">;

/** Short lines, each a link to its alert. `noteOf` says why one is there. */
export function AlertLines<T extends Shown>({ alerts, noteOf }: { alerts: readonly T[]; noteOf?: (alert: T) => string }) {
  return (
    <ul className="grid">
      {alerts.map((each) => (
        <li key={each.id} className="border-b last:border-b-0">
          <Link to="/alerts/$alertId" params={{ alertId: each.id }} className="target flex flex-wrap items-center gap-x-3 gap-y-0.5 py-1.5 hover:bg-raised">
            <SeverityMark severity={each.severity} size={18} />
            <span className="min-w-0 flex-1 font-mono text-xs wrap-anywhere">{each.title}</span>
            <StatusPill status={each.status} />
            <span className="text-xs text-muted">
              <Ago at={each.first_fired_at} />
            </span>
          </Link>
          {noteOf && <p className="pb-1.5 pl-8 text-xs text-muted first-letter:uppercase">{noteOf(each)}</p>}
          {each.resolution && <p className="pb-1.5 pl-8 text-xs text-muted wrap-anywhere">{each.resolution}</p>}
        </li>
      ))}
    </ul>
  );
}

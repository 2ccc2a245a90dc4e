/** All policies: how they climb, what uses each, and when it was last changed. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";

import type { Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { buttonClass } from "@/ui/button";
import { Page } from "@/ui/page";
import { Empty, Loaded, Panel, Skeleton } from "@/ui/panel";

import { repeatWords } from "./diff";
import { Uses } from "./ladder";
import { directoryQuery, policiesQuery, policyQuery } from "./queries";
import { RungStrip } from "./strip";
import type { Directory } from "./targets";

const LEAD = "A policy is a ladder: whom an alert pages first, how long it waits, and who comes next.";

export default function PoliciesPage() {
  const me = useMe();
  const mayWrite = may(me, "manager");
  const policies = useQuery(policiesQuery);
  const directory = useQuery(directoryQuery(mayWrite));
  const create = mayWrite ? (
    <Link to="/policies/new" className={buttonClass("ack")}>
      New policy
    </Link>
  ) : (
    <p className="text-muted">Managers make and change policies.</p>
  );
  return (
    <Page title="Policies" lead={LEAD} actions={create}>
      <Loaded query={policies} what="The policies" isEmpty={(page) => page.items.length === 0} empty={<NoPolicies mayWrite={mayWrite} />}>
        {(page) => (
          <Loaded query={directory} what="People and rosters">
            {(known) => <List policies={page.items} directory={known} />}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

function List({ policies, directory }: { policies: ReadonlyArray<Schema["Policy"]>; directory: Directory }) {
  const details = useQueries({ queries: policies.map((each) => policyQuery(each.id)) });
  return (
    <ul className="grid gap-4">
      {policies.map((policy, index) => {
        const detail = details[index]!;
        const uses = detail.data?.body.used_by;
        const warnings = detail.data?.body.warnings ?? [];
        return (
          <li key={policy.id}>
            <Panel
              title={
                <Link to="/policies/$policyId" params={{ policyId: policy.id }} className="link wrap-anywhere">
                  {policy.name}
                </Link>
              }
              actions={
                <span className="text-muted">
                  Version {policy.version}, changed <Ago at={policy.updated_at} />
                </span>
              }
            >
              <div className="grid gap-3">
                {policy.description && <p className="text-muted wrap-anywhere">{policy.description}</p>}
                <RungStrip tiers={policy.tiers} meaning={policy} directory={directory} end={repeatWords(policy.repeat_count)} />
                {warnings.length > 0 && (
                  <p className="flex items-center gap-2 text-warning">
                    <TriangleAlert size={16} aria-hidden className="shrink-0" />
                    <Link to="/policies/$policyId" params={{ policyId: policy.id }} className="underline underline-offset-2">
                      {warnings.length === 1 ? "One rung" : `${warnings.length} times a rung`} would reach nobody in the next 14 days
                    </Link>
                  </p>
                )}
                <div className="flex flex-wrap gap-x-3 gap-y-1">
                  <span className="text-muted">Used by</span>
                  {uses ? <Uses uses={uses} /> : detail.error ? <span className="text-danger">could not be loaded</span> : <Skeleton lines={1} what="What uses it" />}
                </div>
              </div>
            </Panel>
          </li>
        );
      })}
    </ul>
  );
}

function NoPolicies({ mayWrite }: { mayWrite: boolean }) {
  const example = [
    { timeout_minutes: 5, notify_via: ["slack_dm"], targets: ["oncall_primary"] },
    { timeout_minutes: 10, notify_via: ["sms"], targets: ["oncall_backup"] },
    { timeout_minutes: 15, notify_via: ["phone"], targets: ["team_lead"] },
  ];
  const nobody: Directory = { people: [], rosters: [], endpoints: [], slackChannel: null };
  return (
    <Empty
      title="There is no policy yet, so an alert pages the admins"
      drawing={<RungStrip tiers={example} meaning={{ roster_id: null, lead_id: null }} directory={nobody} end="The admins are told" />}
      action={
        mayWrite && (
          <Link to="/policies/new" className={buttonClass("ack")}>
            New policy
          </Link>
        )
      }
    >
      It might look like this: whoever is on call, five minutes later the backup, and then the lead.
    </Empty>
  );
}

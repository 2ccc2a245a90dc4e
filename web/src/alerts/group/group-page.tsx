/** One group: what it is, its alerts, and one change for all of them, with what became of each. */
import "@fontsource-variable/jetbrains-mono/index.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";

import { shortened } from "@/alerts/act/commands";
import { ResolveDialog } from "@/alerts/act/dialogs";
import { verbsOf } from "@/alerts/act/palette";
import { FOR_READERS, offersForGroup } from "@/alerts/detail/verbs";
import { groupQuery, jobQuery, membersQuery } from "@/alerts/queries";
import { Problem } from "@/api/client";
import { useKeys } from "@/app/keys";
import { usePaletteVerbs } from "@/app/palette-verbs";
import { may, useMe } from "@/session/me";
import { Age, Ago } from "@/time/time";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Pill, SeverityMark } from "@/ui/severity";

import { useGroupActions, type GroupCommand } from "./group-actions";
import { Counts, Key, openCount, type Group } from "./group-facts";
import { GroupJob } from "./group-job";
import { GroupMembers } from "./group-members";

export default function GroupPage() {
  const { groupId } = useParams({ from: "/shell/groups/$groupId" });
  const group = useQuery(groupQuery(groupId));
  if (group.error instanceof Problem && group.error.isMissing)
    return (
      <Page title="There is no such group">
        <Empty title="No group has this id">It may be of another tenant, or past the time for which groups are kept.</Empty>
      </Page>
    );
  if (!group.data)
    return (
      <Page title="Group">
        <Loaded query={group} what="The group" lines={8}>
          {() => null}
        </Loaded>
      </Page>
    );
  return <Shown key={groupId} group={group.data} query={group} />;
}

function Shown({ group, query }: { group: Group; query: Parameters<typeof Loaded<Group>>[0]["query"] }) {
  const me = useMe();
  const { job: jobId } = useSearch({ from: "/shell/groups/$groupId" });
  const navigate = useNavigate({ from: "/groups/$groupId" });
  const members = useQuery(membersQuery(group.id));
  const job = useQuery({ ...jobQuery(group.id, jobId ?? ""), enabled: jobId !== undefined });
  const [isResolving, setResolving] = useState(false);
  /** The open alerts when the change was asked for: what Undo takes back. */
  const before = useRef<ReadonlyArray<{ id: string; status: string }>>([]);
  const show = (id: string | undefined) => void navigate({ search: id ? { job: id } : {}, replace: true, resetScroll: false });
  const change = useGroupActions(group.id, (made) => show(made.id));
  const ask = (command: GroupCommand) => {
    before.current = (members.data?.items ?? []).filter((each) => each.status !== "resolved").map(({ id, status }) => ({ id, status }));
    change.mutate(command);
  };
  const isBusy = change.isPending || (job.data !== undefined && job.data.finished_at === null);
  const refusal = may(me, "engineer") ? (group.is_open ? undefined : "Nothing in it is open.") : FOR_READERS;
  useKeys(refusal || isBusy ? {} : { a: () => ask({ verb: "acknowledge" }), r: () => setResolving(true) }, !isResolving);
  usePaletteVerbs(() => {
    const held = refusal ?? (isBusy ? "The last change is at work." : undefined);
    return offersForGroup(group.counts.firing).flatMap((offer) => {
      const count = offer.verb === "acknowledge" ? group.counts.firing : openCount(group);
      const subject = `all ${count || ""} of “${shortened(group.name)}”`.replace(/ {2}/u, " ");
      return verbsOf(subject, [held ? { ...offer, refusal: held } : offer], { act: (verb) => (verb === "acknowledge" ? ask({ verb }) : setResolving(true)) });
    });
  });
  return (
    <Page
      title={group.name}
      lead={<Key of={group.key} />}
      actions={
        <>
          {group.counts.firing > 0 && (
            <Button look="ack" hint="a" isBusy={isBusy} disabled={refusal !== undefined} title={refusal} onClick={() => ask({ verb: "acknowledge" })}>
              Acknowledge all {group.counts.firing}
            </Button>
          )}
          <Button hint="r" isBusy={isBusy} disabled={refusal !== undefined} title={refusal} onClick={() => setResolving(true)}>
            Resolve all {openCount(group) || ""}
          </Button>
        </>
      }
    >
      <Loaded query={query} what="The group">
        {() => <Facts group={group} />}
      </Loaded>
      {jobId && <GroupJob query={job} members={members.data?.items ?? []} before={before.current} onClose={() => show(undefined)} onJob={show} />}
      <Panel title="Its alerts">
        <Loaded query={members} what="The alerts of the group" lines={5} isEmpty={({ items }) => items.length === 0} empty={<Empty title="No alert of it is kept any more" />}>
          {({ items, total }) => <GroupMembers alerts={items} total={total} lead={group.lead?.id} failures={job.data?.failures ?? []} />}
        </Loaded>
      </Panel>
      {isResolving && <ResolveDialog subject={`All ${openCount(group)} open alerts of “${group.name}”`} onClose={() => setResolving(false)} onResolve={(resolution) => ask({ verb: "resolve", resolution })} />}
    </Page>
  );
}

function Facts({ group }: { group: Group }) {
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-3 rounded-lg border bg-card px-4 py-3 [&_dt]:text-xs [&_dt]:text-muted">
      <div>
        <dt>Worst</dt>
        <dd>{group.severity ? <SeverityMark severity={group.severity} isNamed size={18} /> : "–"}</dd>
      </div>
      <div>
        <dt>Alerts</dt>
        <dd>
          <Counts counts={group.counts} />
        </dd>
      </div>
      <div className="min-w-0">
        <dt>Pages</dt>
        <dd className="wrap-anywhere">
          {group.pages === "each" ? (
            "each alert by itself"
          ) : group.lead ? (
            <>
              for all:{" "}
              <Link to="/alerts/$alertId" params={{ alertId: group.lead.id }} className="link">
                {group.lead.title}
              </Link>
            </>
          ) : (
            "the first that is due"
          )}
        </dd>
      </div>
      <div>
        <dt>{group.is_open ? "Open for" : "Opened"}</dt>
        <dd>{group.is_open ? <Age since={group.opened_at} /> : <Ago at={group.opened_at} />}</dd>
      </div>
      <div>
        <dt>Last joined</dt>
        <dd>
          <Ago at={group.last_added_at} />
        </dd>
      </div>
      <div>
        <dt>Takes new alerts</dt>
        <dd>{group.closed_at ? <Pill>no longer</Pill> : "yes"}</dd>
      </div>
    </dl>
  );
}

/** Alerts that belong together: each group with how bad it is, how many it has, and which alert pages for it. */
import "@fontsource-variable/jetbrains-mono/index.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { clsx } from "clsx";

import { groupsQuery } from "@/alerts/queries";
import type { GroupsSearch } from "@/alerts/search";
import { Age, Ago } from "@/time/time";
import { buttonClass } from "@/ui/button";
import { Page } from "@/ui/page";
import { Empty, Loaded } from "@/ui/panel";
import { Pill, SeverityMark } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";

import { GroupDrawing } from "./drawing";
import { Counts, Key, openCount, type Group } from "./group-facts";

const STATES = [
  ["open", "Open"],
  ["closed", "Closed"],
  ["all", "All"],
] as const;

export default function GroupsPage() {
  const { state = "open" } = useSearch({ from: "/shell/groups" });
  const navigate = useNavigate({ from: "/groups" });
  const groups = useQuery(groupsQuery(state === "all" ? undefined : state));
  const go = (next: GroupsSearch["state"]) => void navigate({ search: next && next !== "open" ? { state: next } : {}, replace: true });
  return (
    <Page
      title="Groups"
      lead="Alerts that belong together, by the grouping rules."
      actions={
        <Link to="/rules" search={{ tab: "grouping" }} className={buttonClass()}>
          Grouping rules
        </Link>
      }
    >
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-3">
        <div role="group" aria-label="Which groups" className="flex w-fit rounded-md border border-control">
          {STATES.map(([each, label]) => (
            <button key={each} type="button" aria-pressed={state === each} onClick={() => go(each)} className={clsx("target px-3 first:rounded-l-md last:rounded-r-md", state === each ? "bg-accent-soft font-medium text-accent" : "text-muted hover:text-text")}>
              {label}
            </button>
          ))}
        </div>
        <div className="rounded-lg border bg-card px-4 py-2">
          <Loaded
            query={groups}
            what="The groups"
            lines={6}
            isEmpty={({ items }) => items.length === 0}
            empty={
              <Empty title={state === "open" ? "No group is open" : "No group is here"} drawing={<GroupDrawing />} action={<Link to="/rules" search={{ tab: "grouping" }} className={buttonClass()}>See the grouping rules</Link>}>
                A group begins when enough alerts that a rule fits open within its time. Then one alert pages for all of them.
              </Empty>
            }
          >
            {({ items, total }) => (
              <>
                <GroupTable groups={[...items].sort(worstFirst)} />
                {total > items.length && <p className="py-2 text-muted">These are {items.length} of {total} groups.</p>}
              </>
            )}
          </Loaded>
        </div>
      </div>
    </Page>
  );
}

const RANK = { critical: 3, major: 2, warning: 1, info: 0 } as const;

function worstFirst(a: Group, b: Group): number {
  const rank = (group: Group) => (group.is_open ? 10 : 0) + (group.counts.firing > 0 ? 5 : 0) + (group.severity ? RANK[group.severity] : -1);
  return rank(b) - rank(a) || openCount(b) - openCount(a) || a.opened_at.localeCompare(b.opened_at);
}

function GroupTable({ groups }: { groups: readonly Group[] }) {
  return (
    <Table caption="Groups, the worst first">
      <thead>
        <tr>
          <Th>Worst</Th>
          <Th>Group</Th>
          <Th>Alerts</Th>
          <Th>Pages</Th>
          <Th>Open for</Th>
          <Th>Last joined</Th>
        </tr>
      </thead>
      <tbody className="[&>tr:last-child>td]:border-b-0">
        {groups.map((group) => (
          <tr key={group.id}>
            <Td>{group.severity ? <SeverityMark severity={group.severity} /> : <span className="text-muted">–</span>}</Td>
            <Td className="sm:min-w-48">
              <Link to="/groups/$groupId" params={{ groupId: group.id }} className="link font-medium wrap-anywhere">
                {group.name}
              </Link>
              <div>
                <Key of={group.key} />
              </div>
            </Td>
            <Td>
              <Counts counts={group.counts} />
            </Td>
            <Td className="min-w-40">
              {group.pages === "each" ? (
                "each by itself"
              ) : group.lead ? (
                <Link to="/alerts/$alertId" params={{ alertId: group.lead.id }} className="link wrap-anywhere">
                  {group.lead.title}
                </Link>
              ) : (
                <span className="text-muted">nobody yet</span>
              )}
            </Td>
            <Td className="whitespace-nowrap">{group.is_open ? <Age since={group.opened_at} /> : <Pill>closed</Pill>}</Td>
            <Td className="text-muted">
              <Ago at={group.last_added_at} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

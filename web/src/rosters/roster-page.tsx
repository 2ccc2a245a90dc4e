import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, type ComponentType } from "react";

import { Problem } from "@/api/client";
import { buttonClass } from "@/ui/button";
import { Page } from "@/ui/page";
import { Empty, Loaded, Skeleton } from "@/ui/panel";
import { Tabs } from "@/ui/tabs";

import { ForecastNote } from "./forecast-note";
import { OnCallPanel } from "./on-call-panel";
import { rosterQuery, type RosterDetail } from "./queries";
import { TABS, type RosterTab } from "./routes";
import { patternWords } from "./words";

export interface TabProps {
  roster: RosterDetail;
  etag: string | null;
}

const CONTENTS: Record<RosterTab, ComponentType<TabProps>> = {
  schedule: lazy(() => import("./schedule-tab")),
  members: lazy(() => import("./members-tab")),
  fairness: lazy(() => import("./fairness-tab")),
  overrides: lazy(() => import("./overrides-tab")),
  leave: lazy(() => import("./leave-tab")),
  calendar: lazy(() => import("./calendar-tab")),
  settings: lazy(() => import("./settings-tab")),
  history: lazy(() => import("./history-tab")),
};

const LABELS: Record<RosterTab, string> = {
  schedule: "Schedule",
  members: "Members",
  fairness: "Fairness",
  overrides: "Overrides and swaps",
  leave: "Leave",
  calendar: "Calendar",
  settings: "Settings",
  history: "History",
};

export default function RosterPage() {
  const { rosterId } = useParams({ from: "/shell/rosters/$rosterId" });
  const { tab = "schedule" } = useSearch({ from: "/shell/rosters/$rosterId" });
  const navigate = useNavigate({ from: "/rosters/$rosterId" });
  const query = useQuery(rosterQuery(rosterId));
  const roster = query.data?.roster;
  if (query.error instanceof Problem && query.error.isMissing)
    return (
      <Page title="Roster not found">
        <Empty title="There is no such roster" action={<Link to="/rosters" className={buttonClass()}>All rosters</Link>}>
          It may have been deleted.
        </Empty>
      </Page>
    );
  return (
    <Page
      title={roster?.name ?? "Roster"}
      lead={roster && `${patternWords(roster)} ${roster.timezone}${roster.description ? ` · ${roster.description}` : ""}`}
      actions={<Link to="/rosters" className={buttonClass("quiet")}>All rosters</Link>}
    >
      <Loaded query={query} what="The roster" lines={8}>
        {(loaded) => (
          <>
            <OnCallPanel rosterId={rosterId} />
            <ForecastNote rosterId={rosterId} zone={loaded.roster.timezone} />
            <Tabs
              label="Parts of this roster"
              value={tab}
              onChange={(next) => void navigate({ search: (search) => ({ ...search, tab: next === "schedule" ? undefined : (next as RosterTab), hours: undefined, link: undefined }) })}
              tabs={TABS.map((value) => ({ value, label: LABELS[value], content: value === tab ? <Content tab={value} {...loaded} /> : null }))}
            />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Content({ tab, ...props }: TabProps & { tab: RosterTab }) {
  const Chosen = CONTENTS[tab];
  return (
    <Suspense fallback={<Skeleton lines={6} what={LABELS[tab]} />}>
      <Chosen {...props} />
    </Suspense>
  );
}

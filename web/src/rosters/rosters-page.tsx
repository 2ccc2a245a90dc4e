import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";

import { may, useMe } from "@/session/me";
import { serverNow } from "@/time/clock";
import { localZone } from "@/time/words";
import { buttonClass, Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Empty, Loaded, Panel } from "@/ui/panel";

import { spanOf } from "./axis";
import { CoverageTable } from "./coverage-table";
import { ShiftsDrawing } from "./drawing";
import { GapBanner } from "./gap-banner";
import { Heatmap } from "./heatmap";
import { HeatmapKey } from "./heatmap-key";
import { OverrideDialog, type OverrideDraft } from "./override-dialog";
import { coverageQuery, rostersQuery } from "./queries";
import { RosterTable } from "./roster-table";
import { addDays, isZone, iso, startOfDay } from "./zones";
import { ZoneSelect } from "./zone-select";

export const DAYS = 14;

export default function RostersPage() {
  const me = useMe();
  const navigate = useNavigate({ from: "/rosters" });
  const { zone: asked, view } = useSearch({ from: "/shell/rosters" });
  const zone = asked && isZone(asked) ? asked : localZone;
  const [now] = useState(serverNow);
  const start = startOfDay(now, zone);
  const range = { start, end: addDays(start, DAYS, zone) };
  const rosters = useQuery(rostersQuery);
  const coverage = useQuery(coverageQuery(iso(range.start), iso(range.end)));
  const [draft, setDraft] = useState<{ rosterId: string; draft: OverrideDraft } | null>(null);
  const mayPlan = may(me, "manager");
  const fill = (rosterId: string, from: number, until: number) => setDraft({ rosterId, draft: { start: Math.max(from, now), end: until } });
  const create = mayPlan && (
    <Link to="/rosters/new" className={buttonClass("ack")}>
      <Plus size={16} aria-hidden /> New roster
    </Link>
  );
  const empty = (
    <Empty title="No roster yet" action={create} drawing={<ShiftsDrawing />}>
      A roster says who is on call when. Escalation policies ask it whom to page.
    </Empty>
  );
  return (
    <Page title="Rosters" lead="Who is on call, and when nobody is." actions={create}>
      <Loaded query={coverage} what="The coverage" lines={2}>
        {(page) => <GapBanner coverage={page.items} rosters={rosters.data ?? []} range={spanOf(page)} days={DAYS} onFill={mayPlan ? fill : null} />}
      </Loaded>
      <Panel title="All rosters">
        <Loaded query={rosters} what="The rosters" lines={5} isEmpty={(all) => all.length === 0} empty={empty}>
          {(all) => <RosterTable rosters={all} coverage={coverage.data?.items} until={range.end} />}
        </Loaded>
      </Panel>
      <Panel
        title={`Coverage, ${DAYS} days`}
        actions={
          <>
            <ZoneSelect isCompact label="Zone" value={zone} onChange={(next) => void navigate({ search: (search) => ({ ...search, zone: next === localZone ? undefined : next }), replace: true })} />
            <Button aria-pressed={view === "table"} onClick={() => void navigate({ search: (search) => ({ ...search, view: view === "table" ? undefined : "table" }), replace: true })}>
              {view === "table" ? "View as grid" : "View as table"}
            </Button>
          </>
        }
      >
        <Loaded query={coverage} what="The coverage" lines={10} isEmpty={(page) => page.items.length === 0} empty={empty}>
          {(page) =>
            view === "table" ? (
              <CoverageTable coverage={page.items} zone={zone} onFill={mayPlan ? fill : null} />
            ) : (
              <>
                <HeatmapKey coverage={page.items} />
                <Heatmap coverage={page.items} start={range.start} days={DAYS} zone={zone} onFill={mayPlan ? fill : null} />
              </>
            )
          }
        </Loaded>
      </Panel>
      {draft && <OverrideDialog rosterId={draft.rosterId} draft={draft.draft} onClose={() => setDraft(null)} />}
    </Page>
  );
}

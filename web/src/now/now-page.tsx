/** Is it me? What broke? What do I do? Who else knows? In this order. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { ShiftsDrawing } from "@/rosters/drawing";
import { may, useMe } from "@/session/me";
import { buttonClass } from "@/ui/button";
import { Page } from "@/ui/page";
import { Empty, Loaded, Panel } from "@/ui/panel";

import { Burning, SeverityTiles } from "./burning";
import { Figures } from "./figures";
import { FirstRun } from "./first-run";
import { LeadPanels } from "./lead";
import { OnCall } from "./on-call";
import { PagedToMe } from "./paged";
import { nowQuery } from "./queries";
import { SoundChoice } from "./sound-choice";
import { Swaps } from "./swaps";

export default function NowPage() {
  const me = useMe();
  const query = useQuery(nowQuery);
  return (
    <Page title="Now">
      <FirstRun place="top" />
      <Loaded query={query} what="What happens now" lines={8}>
        {(now) => (
          <div className="grid gap-4 md:gap-6">
            <div className="grid items-start gap-4 md:gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(18rem,1fr)]">
              <div className="grid min-w-0 gap-4 md:gap-6">
                <Panel title={now.paged_total ? `Paged to you (${now.paged_total})` : "Paged to you"} actions={<SoundChoice />}>
                  <PagedToMe now={now} />
                </Panel>
                <Swaps swaps={now.swaps} />
                <SeverityTiles totals={now.burning.totals} />
                <Panel title="Burning">
                  <Burning burning={now.burning} />
                </Panel>
                <FirstRun place="end" />
              </div>
              <div className="grid min-w-0 gap-4 md:gap-6">
                <Panel title="On call now">
                  {now.on_call.length === 0 ? (
                    <Empty title="There is no roster yet" drawing={<ShiftsDrawing />} action={may(me, "manager") ? <Link to="/rosters/new" className={buttonClass()}>Make a roster</Link> : undefined}>
                      Rosters say who is paged, and when.{!may(me, "manager") && " Managers make them."}
                    </Empty>
                  ) : (
                    <OnCall seats={now.on_call} />
                  )}
                </Panel>
                <Panel title="Last 24 hours">
                  <Figures now={now} />
                </Panel>
              </div>
            </div>
            {now.lead && <LeadPanels lead={now.lead} />}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

/** What a span of days was like: how much came, how fast people were, who carries it, what nobody knows yet. */
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";

import { serverNow } from "@/time/clock";
import { localZone } from "@/time/words";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/panel";

import { CoverageChart, CoverageTable, UnmatchedTitles } from "./coverage";
import { Lateness } from "./lateness";
import { OnCallLoad } from "./load";
import { RepeatOffenders } from "./offenders";
import { InsightPanel } from "./parts";
import { insightQuery, type Insight, type Range } from "./queries";
import { lastDays, USUAL_DAYS } from "./range";
import { RangeBar } from "./range-bar";
import { ResponseChart, ResponseTable } from "./response";
import { VolumeChart, VolumeTable } from "./volume";

export default function InsightPage() {
  const { from, to, as } = useSearch({ from: "/shell/insight" });
  const range = from && to ? { from, to } : lastDays(USUAL_DAYS, serverNow());
  const query = useQuery(insightQuery(range));
  return (
    <Page title="Insight" lead={`Whole days of ${localZone}.`}>
      <RangeBar range={range} isTable={as === "table"} />
      <Loaded query={query} what="The insight" lines={8}>
        {(insight) => (
          <div aria-busy={query.isPlaceholderData} className={query.isPlaceholderData ? "opacity-60" : ""}>
            <Panels insight={insight} range={range} isTable={as === "table"} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Panels({ insight, range, isTable }: { insight: Insight; range: Range; isTable: boolean }) {
  const { volume, mtta, mttr, repeat_offenders, on_call_load, lateness, knowledge_coverage, unmatched_titles } = insight;
  const days = volume.map(({ day }) => day);
  return (
    <div className="grid gap-4 md:gap-6 xl:grid-cols-2">
      {!insight.is_exact && <p role="note" className="rounded-md border border-warning px-3 py-1.5 text-warning xl:col-span-2">More happened than can be counted at once: the newest 100,000 are looked at.</p>}
      <InsightPanel title="Volume" lead="Alerts that opened, by day and severity." table="volume" range={range} className="xl:col-span-2">
        {isTable ? <VolumeTable days={volume} /> : <VolumeChart days={volume} range={range} />}
      </InsightPanel>
      <InsightPanel title="Time to acknowledge" lead="From opening until somebody had it." table="mtta" range={range}>
        {isTable ? <ResponseTable times={mtta} done="acknowledged" /> : <ResponseChart times={mtta} days={days} done="acknowledged" />}
      </InsightPanel>
      <InsightPanel title="Time to resolve" lead="From opening until it was over." table="mttr" range={range}>
        {isTable ? <ResponseTable times={mttr} done="resolved" /> : <ResponseChart times={mttr} days={days} done="resolved" />}
      </InsightPanel>
      <InsightPanel title="On-call load" lead="Hours as primary, and pages that a provider took, by the person's own clock." table="on_call_load" range={range} className="xl:col-span-2">
        <OnCallLoad people={on_call_load} />
      </InsightPanel>
      <InsightPanel title="Repeat offenders" lead="Problems that came back most often." table="repeat_offenders" range={range} className="xl:col-span-2">
        <RepeatOffenders offenders={repeat_offenders} range={range} />
      </InsightPanel>
      <InsightPanel title="Knowledge coverage" lead="The share of alerts for which an answer was known." table="knowledge_coverage" range={range}>
        {isTable ? <CoverageTable days={knowledge_coverage} /> : <CoverageChart days={knowledge_coverage} />}
      </InsightPanel>
      <InsightPanel title="Nothing is known about" lead="The most frequent titles without an answer." table="unmatched_titles" range={range}>
        <UnmatchedTitles titles={unmatched_titles} range={range} />
      </InsightPanel>
      <InsightPanel title="Lateness" lead="How long after it was due a tier was paged." table="lateness" range={range} className="xl:col-span-2">
        <Lateness tiers={lateness} />
      </InsightPanel>
    </div>
  );
}

/** What a draft would do: its ladder for one alert, and the pages of the last days, each beside the version in force. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { CheckField } from "@/ui/field";
import { Loaded, Panel } from "@/ui/panel";
import { Tabs } from "@/ui/tabs";
import { useSettled } from "@/ui/use-settled";

import { contentOf, isRunnable, type Draft } from "./draft";
import { Ladder, Warnings } from "./ladder";
import { MomentForm } from "./moment-form";
import { Past } from "./past";
import { draftRunQuery, policyQuery, runQuery, type Moment } from "./queries";
import type { Directory } from "./targets";

interface TryDraftProps {
  draft: Draft;
  directory: Directory;
  /** The policy that the draft would change. */
  policyId?: string;
}

export function TryDraft({ draft, directory, policyId }: TryDraftProps) {
  const [tab, setTab] = useState("simulate");
  const simulate = <Simulate draft={draft} directory={directory} policyId={policyId} />;
  if (!policyId) return <Panel title="Who would be told">{simulate}</Panel>;
  return (
    <Panel title="Try it before it is published">
      <Tabs
        label="Ways to try it"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: "simulate", label: "One alert", content: simulate },
          { value: "past", label: "The last days", content: isRunnable(draft) ? <Past policyId={policyId} candidate={{ policy: contentOf(draft) }} name="This draft" /> : <Unready /> },
        ]}
      />
    </Panel>
  );
}

function Unready() {
  return <p className="text-muted">The draft cannot be tried yet: a field is missing or cannot be meant.</p>;
}

function Simulate({ draft, directory, policyId }: TryDraftProps) {
  const [moment, setMoment] = useState<Moment>({ at: null, severity: "critical" });
  const [isBeside, setBeside] = useState(false);
  const settled = useSettled(JSON.stringify(draft));
  const tried = JSON.parse(settled) as Draft;
  const content = contentOf(tried);
  const meaning = { roster_id: content.roster_id ?? null, lead_id: content.lead_id ?? null };
  const isReady = isRunnable(draft);
  const run = useQuery({ ...draftRunQuery({ ...content, description: "" }, moment), enabled: isRunnable(tried), placeholderData: keepPreviousData });
  return (
    <div className="grid gap-4">
      <MomentForm value={moment} onChange={setMoment} />
      {policyId && <CheckField label="Show the version in force beside it" checked={isBeside} onChange={(event) => setBeside(event.target.checked)} />}
      {!isReady && <Unready />}
      {isReady && (
        <div className="@container">
          <div className={isBeside ? "grid gap-4 @lg:grid-cols-2" : "grid gap-4"}>
            <section aria-label="This draft" className="grid min-w-0 content-start gap-3" aria-busy={run.isFetching}>
              {isBeside && <h3 className="font-medium">This draft</h3>}
              <Loaded query={run} what="The dry run">
                {(result) => (
                  <>
                    <Warnings warnings={result.warnings} directory={directory} meaning={meaning} />
                    <Ladder run={result} directory={directory} meaning={meaning} label="The draft's rungs" />
                  </>
                )}
              </Loaded>
            </section>
            {isBeside && policyId && <InForce policyId={policyId} moment={moment} directory={directory} />}
          </div>
        </div>
      )}
    </div>
  );
}

function InForce({ policyId, moment, directory }: { policyId: string; moment: Moment; directory: Directory }) {
  const run = useQuery(runQuery(policyId, moment));
  const policy = useQuery(policyQuery(policyId));
  const meaning = policy.data?.body ?? { roster_id: null, lead_id: null };
  return (
    <section aria-label="In force" className="grid min-w-0 content-start gap-3">
      <h3 className="font-medium">In force{policy.data && `, version ${policy.data.body.version}`}</h3>
      <Loaded query={run} what="The dry run in force">
        {(result) => (
          <>
            <Warnings warnings={result.warnings} directory={directory} meaning={meaning} />
            <Ladder run={result} directory={directory} meaning={meaning} label="Rungs in force" />
          </>
        )}
      </Loaded>
    </section>
  );
}

import { keepPreviousData, useQuery } from "@tanstack/react-query";

import type { Schema } from "@/api/client";
import { Loaded, Panel } from "@/ui/panel";

import { repeatWords } from "./diff";
import { Ladder, Uses, Warnings } from "./ladder";
import { MomentForm } from "./moment-form";
import { runQuery, type Moment } from "./queries";
import type { Directory } from "./targets";

interface LadderTabProps {
  policy: Schema["PolicyDetail"];
  directory: Directory;
  moment: Moment;
  onMoment: (next: Moment) => void;
}

/** Who would be told now, or at another instant; what uses the policy; what would go wrong in the days ahead. */
export function LadderTab({ policy, directory, moment, onMoment }: LadderTabProps) {
  const run = useQuery({ ...runQuery(policy.id, moment), placeholderData: keepPreviousData });
  const roster = directory.rosters.find((each) => each.id === policy.roster_id)?.name;
  const lead = directory.people.find((each) => each.id === policy.lead_id)?.display_name;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)]">
      <Panel title="Who would be told, if nobody acknowledged">
        <Loaded query={run} what="The dry run" lines={6}>
          {(result) => <Ladder run={result} directory={directory} meaning={policy} label={`Rungs of ${policy.name}`} />}
        </Loaded>
      </Panel>
      <div className="grid gap-4">
        <Panel title="Simulate">
          <MomentForm value={moment} onChange={onMoment} />
        </Panel>
        <Panel title="The next 14 days">{policy.warnings.length > 0 ? <Warnings warnings={policy.warnings} directory={directory} meaning={policy} /> : <p>Every rung reaches somebody at every hour.</p>}</Panel>
        <Panel title="Used by">
          <Uses uses={policy.used_by} />
        </Panel>
        <Panel title="As it is written">
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
            {policy.description && <Said term="Description">{policy.description}</Said>}
            <Said term="Roster">{roster ?? "none"}</Said>
            <Said term="Team lead">{lead ?? "none"}</Said>
            <Said term="Repeats">{repeatWords(policy.repeat_count)}</Said>
            <Said term="Fallback">The admins, when a rung comes to nobody</Said>
          </dl>
        </Panel>
      </div>
    </div>
  );
}

function Said({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-muted">{term}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </>
  );
}

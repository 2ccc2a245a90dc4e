/** What a policy said from one change to the next, and the way back. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { SelectField } from "@/ui/field";
import { Loaded, Panel } from "@/ui/panel";
import { Pill } from "@/ui/severity";

import { linesBetween, versionLines } from "./diff";
import { DiffLines } from "./diff-lines";
import { Past } from "./past";
import { versionsQuery } from "./queries";
import { rollBack } from "./roll-back";
import type { Directory } from "./targets";

type Version = Schema["PolicyVersion"];

interface VersionsTabProps {
  policy: Schema["PolicyDetail"];
  etag: string | null;
  directory: Directory;
  chosen: { from?: number; to?: number };
  onChoose: (from: number, to: number) => void;
}

export function VersionsTab({ policy, etag, directory, chosen, onChoose }: VersionsTabProps) {
  const versions = useQuery(versionsQuery(policy.id));
  return (
    <Loaded query={versions} what="The versions">
      {(page) => {
        const to = page.items.find((each) => each.version === chosen.to) ?? page.items[0]!;
        const from = page.items.find((each) => each.version === chosen.from) ?? page.items.find((each) => each.version === to.version - 1) ?? to;
        return (
          <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.5fr)]">
            <List versions={page.items} policy={policy} etag={etag} onShow={(version) => onChoose(version.version, policy.version)} />
            <div className="grid gap-4">
              <Panel title="What changed">
                <div className="grid gap-3">
                  <div className="flex flex-wrap gap-3">
                    <VersionSelect label="From version" versions={page.items} value={from.version} onChange={(version) => onChoose(version, to.version)} />
                    <VersionSelect label="To version" versions={page.items} value={to.version} onChange={(version) => onChoose(from.version, version)} />
                  </div>
                  {page.items.length === 1 ? (
                    <p className="text-muted">There is one version so far.</p>
                  ) : (
                    <DiffLines lines={linesBetween(versionLines(from, directory), versionLines(to, directory))} before={`version ${from.version}`} after={`version ${to.version}`} />
                  )}
                </div>
              </Panel>
              {!from.is_current && (
                <Panel title={`What version ${from.version} would have sent`}>
                  <Past key={from.version} policyId={policy.id} candidate={{ version: from.version }} name={`Version ${from.version}`} />
                </Panel>
              )}
            </div>
          </div>
        );
      }}
    </Loaded>
  );
}

function VersionSelect({ label, versions, value, onChange }: { label: string; versions: readonly Version[]; value: number; onChange: (version: number) => void }) {
  return (
    <SelectField label={label} value={value} onChange={(event) => onChange(Number(event.target.value))} className="w-36">
      {versions.map((each) => (
        <option key={each.version} value={each.version}>
          {each.version}
          {each.is_current ? " (in force)" : ""}
        </option>
      ))}
    </SelectField>
  );
}

function List({ versions, policy, etag, onShow }: { versions: readonly Version[]; policy: Schema["PolicyDetail"]; etag: string | null; onShow: (version: Version) => void }) {
  const me = useMe();
  const [asked, setAsked] = useState<Version | null>(null);
  const going = useMutation({ mutationFn: (version: Version) => rollBack(policy.id, version.version, etag, policy.version), onSettled: () => setAsked(null) });
  return (
    <Panel title="Versions">
      <ol className="grid">
        {versions.map((version) => (
          <li key={version.version} className="flex flex-wrap items-center justify-between gap-2 border-b py-2 last:border-b-0">
            <div className="min-w-0">
              <p className="flex items-center gap-2 font-medium">
                Version {version.version} {version.is_current && <Pill className="border-ok text-ok">in force</Pill>}
              </p>
              <p className="text-muted wrap-anywhere">
                {version.change} {version.created_by ? `by ${version.created_by.name}` : ""} <Ago at={version.created_at} />
              </p>
            </div>
            {!version.is_current && (
              <div className="flex gap-2">
                <Button onClick={() => onShow(version)} aria-label={`Compare version ${version.version} with the one in force`}>
                  Compare
                </Button>
                {may(me, "manager") && !policy.archived_at && (
                  <Button onClick={() => setAsked(version)} aria-label={`Roll back to version ${version.version}`}>
                    Roll back
                  </Button>
                )}
              </div>
            )}
          </li>
        ))}
      </ol>
      <Confirm isOpen={asked !== null} onClose={() => setAsked(null)} onConfirm={() => asked && going.mutate(asked)} isBusy={going.isPending} title={`Roll back to version ${asked?.version}?`} action={`Write version ${asked?.version} again`}>
        What it said becomes version {policy.version + 1}, for alerts that open from now on. Alerts that are running keep the version they started with. Its name and description stay.
      </Confirm>
    </Panel>
  );
}

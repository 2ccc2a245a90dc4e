import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";

import type { Schema } from "@/api/client";
import { Absolute, Ago } from "@/time/time";
import { Empty, Loaded } from "@/ui/panel";
import { Pill } from "@/ui/severity";

import { diffLines, textOf } from "./diff";
import { FIELD_LABELS } from "./field-labels";
import { incidentHistoryQuery } from "./queries";

export function IncidentHistory({ id }: { id: string }) {
  const history = useQuery(incidentHistoryQuery(id));
  return (
    <Loaded query={history} what="The history" isEmpty={(page) => page.items.length === 0} empty={<Empty title="No change is recorded" />}>
      {(page) => (
        <ol className="grid gap-4">
          {page.items.map((entry) => (
            <Change key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
    </Loaded>
  );
}

function Change({ entry }: { entry: Schema["HistoryEntry"] }) {
  return (
    <li className="rounded-lg border bg-card">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-4 py-2">
        <Pill>{entry.action}</Pill>
        <span className="font-medium">{entry.actor.name}</span>
        <span className="text-muted">
          <Ago at={entry.at} /> · <Absolute at={entry.at} />
        </span>
        <span className="ml-auto text-xs text-muted">Revision {entry.revision}</span>
      </div>
      <dl className="grid gap-3 p-4">
        {Object.entries(entry.diff).map(([field, change]) => (
          <div key={field} className="grid gap-1 md:grid-cols-[9rem_minmax(0,1fr)]">
            <dt className="text-muted">{FIELD_LABELS[field] ?? field}</dt>
            <dd>
              <FieldDiff change={change} />
            </dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

function FieldDiff({ change }: { change: unknown }) {
  if (!Array.isArray(change) || change.length !== 2) return <Lines before="" after={textOf(change)} />;
  return <Lines before={textOf(change[0])} after={textOf(change[1])} />;
}

const LOOKS = { same: "border-l-2 border-l-transparent text-muted", gone: "border-l-2 border-l-danger bg-danger/10", new: "border-l-2 border-l-ok bg-ok/10" };
const SIGNS = { same: " ", gone: "−", new: "+" };
const WORDS = { same: "", gone: "removed: ", new: "added: " };

/** Signs and hidden words say what colours only help with. */
export function Lines({ before, after }: { before: string; after: string }) {
  return (
    <div tabIndex={0} role="group" aria-label="Changed lines" className="max-h-80 overflow-auto rounded border bg-sunken py-1 font-mono text-xs">
      {diffLines(before, after).map((line, index) => (
        <div key={index} className={clsx("flex gap-2 px-2", LOOKS[line.kind])}>
          <span aria-hidden>{SIGNS[line.kind]}</span>
          <span className="sr-only">{WORDS[line.kind]}</span>
          <span className="min-w-0 whitespace-pre-wrap wrap-anywhere">{line.text || " "}</span>
        </div>
      ))}
    </div>
  );
}

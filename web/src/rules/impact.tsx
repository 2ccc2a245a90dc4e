/** What a rule would have done to the alerts that were, while it is being written. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { Problem, type Schema } from "@/api/client";
import { Moment, WithTimes } from "@/time/time";
import { SelectField } from "@/ui/field";
import { Failed, Loaded } from "@/ui/panel";
import { SEVERITIES, SeverityMark } from "@/ui/severity";
import { useSettled } from "@/ui/use-settled";

import { figuresOf } from "./figures";
import { trialQuery, type Trial } from "./queries";

type Report = Schema["MuteReport"] | Schema["GroupingReport"] | Schema["RouteReport"];

const SPANS: ReadonlyArray<[number, string]> = [[1, "24 hours"], [7, "7 days"], [30, "30 days"], [90, "90 days"]];

/** `trial` is null while the rule cannot be tried, because something is missing. */
export function Impact({ trial }: { trial: Trial | null }) {
  const [days, setDays] = useState(1);
  const settled = useSettled(JSON.stringify(trial && { ...trial, days }));
  const asked = JSON.parse(settled) as Trial | null;
  const query = useQuery({ ...trialQuery(asked ?? ({} as Trial)), enabled: asked !== null, placeholderData: keepPreviousData });
  return (
    <section aria-label="What it would have done" className="grid min-w-0 content-start gap-3 self-start rounded-lg border bg-sunken p-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-medium">What it would have done</h3>
        <SelectField label="In the last" value={days} onChange={(event) => setDays(Number(event.target.value))} className="w-32" isLabelHidden>
          {SPANS.map(([count, words]) => (
            <option key={count} value={count}>
              {words}
            </option>
          ))}
        </SelectField>
      </div>
      {trial === null ? (
        <p className="text-muted">Fill in the conditions, and the alerts that they fit are counted here.</p>
      ) : query.error ? (
        <Refused error={query.error} />
      ) : (
        <div aria-busy={query.isFetching} aria-live="polite">
          <Loaded query={query} what="The count">
            {(report) => <Told report={report} />}
          </Loaded>
        </div>
      )}
    </section>
  );
}

/** `$.rule.matchers[1].value` → `condition 2`; any other field by its name. */
function placeOf(field: string): string {
  const index = /matchers\[(\d+)\]/u.exec(field)?.[1];
  return index === undefined ? field.replace(/^\$\.(rule\.)?/u, "").replaceAll("_", " ") : `condition ${Number(index) + 1}`;
}

function Refused({ error }: { error: Error }) {
  if (error instanceof Problem && error.status === 422)
    return (
      <div className="grid gap-1 text-warning">
        <p>It cannot be tried yet:</p>
        <ul>
          {error.fields.map(({ field, reason }) => (
            <li key={field} className="wrap-anywhere">
              {placeOf(field)}: {reason}
            </li>
          ))}
          {error.fields.length === 0 && <li>{error.message}</li>}
        </ul>
      </div>
    );
  return <Failed error={error} what="The count" />;
}

function Told({ report }: { report: Report }) {
  return (
    <div className="grid gap-3">
      <dl className="grid grid-cols-2 gap-2">
        {figuresOf(report).map(({ label, value }) => (
          <div key={label} className="flex flex-col-reverse justify-end rounded-md border bg-card px-3 py-2">
            <dt className="text-xs text-muted">{label}</dt>
            <dd className="text-lg font-semibold tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="wrap-anywhere">{report.words}</p>
      {!report.is_exact && <p className="text-warning">There were more alerts; the newest {report.tested} were tried.</p>}
      <ul aria-label="By severity" className="flex flex-wrap gap-x-4 gap-y-1">
        {SEVERITIES.map((severity) => (
          <li key={severity} className="flex items-center gap-1.5">
            <SeverityMark severity={severity} isNamed size={16} /> <span className="tabular-nums">{report.by_severity[severity] ?? 0}</span>
          </li>
        ))}
      </ul>
      {report.examples.length > 0 && (
        <ul aria-label="Examples" className="grid gap-2 border-t pt-3">
          {report.examples.slice(0, 5).map((example) => (
            <li key={example.id} className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2">
              <SeverityMark severity={example.severity} size={16} />
              <div className="min-w-0">
                <Link to="/alerts/$alertId" params={{ alertId: example.id }} target="_blank" className="link wrap-anywhere">
                  {example.title}
                </Link>
                <p className="text-xs text-muted wrap-anywhere">
                  <Moment at={example.first_fired_at} />: <WithTimes text={example.why} />
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

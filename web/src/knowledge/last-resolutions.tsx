import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { Schema } from "@/api/client";
import { Ago } from "@/time/time";
import { span } from "@/time/words";
import { Loaded } from "@/ui/panel";

import { resolutionsQuery } from "./queries";

const SHOWN = 3;
const MINUTE = 60_000;

/** The last alerts that an entry resolved: when, which, by whom, how long it took, what they wrote. `except` is on the screen already. */
export function LastResolutions({ incidentId, except }: { incidentId: string; except?: string }) {
  const resolutions = useQuery(resolutionsQuery(incidentId));
  const shownOf = (items: ReadonlyArray<Schema["CountedResolution"]>) => items.filter((each) => each.alert_id !== except).slice(0, SHOWN);
  return (
    <Loaded query={resolutions} what="The last times" lines={2} isEmpty={({ items }) => shownOf(items).length === 0} empty={<p className="text-xs text-muted">No other alert that it resolved is kept.</p>}>
      {({ items }) => (
        <ol className="grid gap-2">
          {shownOf(items).map((each) => (
            <Resolution key={each.alert_id} resolution={each} />
          ))}
        </ol>
      )}
    </Loaded>
  );
}

function Resolution({ resolution: { alert_id: alertId, title, service, resolved_at: at, resolved_by: by, minutes, resolution } }: { resolution: Schema["CountedResolution"] }) {
  return (
    <li className="grid gap-0.5 border-l-2 border-l-ok pl-3">
      <p className="text-xs text-muted">
        <Ago at={at} /> by {by.name}, after {span(minutes * MINUTE)}
      </p>
      <p className="wrap-anywhere">
        <Link to="/alerts/$alertId" params={{ alertId }} className="link font-mono text-xs">
          {title}
        </Link>
        {service && <span className="text-xs text-muted"> · {service.name}</span>}
      </p>
      <p className={resolution ? "line-clamp-4 wrap-anywhere whitespace-pre-line" : "text-xs text-muted"}>{resolution || "Nothing was written."}</p>
    </li>
  );
}

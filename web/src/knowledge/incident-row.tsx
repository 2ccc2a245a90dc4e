import { Link } from "@tanstack/react-router";

import type { Schema } from "@/api/client";
import { Pill, SeverityMark } from "@/ui/severity";

import { Marked } from "./marked";
import type { Incident } from "./queries";
import { Usefulness } from "./usefulness";

const FIELDS: Record<Schema["Highlight"]["field"], string> = { title: "Title", symptoms: "Symptoms", root_cause: "Cause", solution: "Solution" };

export function IncidentRow({ incident, highlights = [] }: { incident: Incident; highlights?: ReadonlyArray<Schema["Highlight"]> }) {
  const title = highlights.find((each) => each.field === "title");
  const others = highlights.filter((each) => each.field !== "title");
  return (
    <li className="grid gap-x-4 gap-y-1 border-b px-4 py-3 last:border-b-0 md:grid-cols-[minmax(0,1fr)_minmax(0,18rem)]">
      <div className="flex min-w-0 gap-3">
        <span className="pt-0.5">
          <SeverityMark severity={incident.severity} />
        </span>
        <div className="grid min-w-0 content-start gap-1">
          <Link to="/incidents/$incidentId" params={{ incidentId: incident.id }} className="font-medium wrap-anywhere hover:underline">
            {title ? <Marked text={title.text} spans={title.spans} /> : incident.title}
          </Link>
          {others.map((each) => (
            <p key={each.field} className="line-clamp-2 text-muted wrap-anywhere">
              <span className="text-xs">{FIELDS[each.field]}:</span> <Marked text={each.text} spans={each.spans} />
            </p>
          ))}
          {others.length === 0 && incident.symptoms && <p className="line-clamp-1 text-muted wrap-anywhere">{incident.symptoms.replaceAll(/[`*_#]/gu, "")}</p>}
        </div>
      </div>
      <div className="grid content-start gap-1 pl-8 md:justify-items-end md:pl-0 md:text-right">
        <p className="text-xs">
          <Usefulness incident={incident} />
        </p>
        <div className="flex flex-wrap gap-1 md:justify-end">
          {incident.status !== "active" && <Pill>{incident.status}</Pill>}
          {incident.category && <Pill>{incident.category}</Pill>}
          {incident.services.slice(0, 3).map((service) => (
            <Pill key={service}>{service}</Pill>
          ))}
          {incident.services.length > 3 && <Pill>{incident.services.length - 3} more</Pill>}
        </div>
      </div>
    </li>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { buttonClass } from "@/ui/button";
import { Empty, Loaded } from "@/ui/panel";
import { SeverityMark } from "@/ui/severity";

import { similarQuery } from "./queries";
import { Usefulness } from "./usefulness";

/** Entries about something alike, each with the way to merge it. */
export function IncidentSimilar({ id, mayMerge }: { id: string; mayMerge: boolean }) {
  const similar = useQuery(similarQuery(id));
  return (
    <Loaded query={similar} what="Similar entries" isEmpty={(page) => page.items.length === 0} empty={<Empty title="Nothing alike is known">Entries that share words with this one's title are listed here.</Empty>}>
      {(page) => (
        <ul className="rounded-lg border bg-card">
          {page.items.map(({ incident }) => (
            <li key={incident.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b px-4 py-3 last:border-b-0">
              <SeverityMark severity={incident.severity} />
              <div className="min-w-0 flex-1">
                <Link to="/incidents/$incidentId" params={{ incidentId: incident.id }} className="font-medium wrap-anywhere hover:underline">
                  {incident.title}
                </Link>
                <p className="text-xs">
                  <Usefulness incident={incident} />
                </p>
              </div>
              {mayMerge && (
                <Link to="/incidents/$incidentId/merge" params={{ incidentId: id }} search={{ with: incident.id }} className={buttonClass()} aria-label={`Compare and merge with ${incident.title}`}>
                  Compare and merge
                </Link>
              )}
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}

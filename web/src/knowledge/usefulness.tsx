import { Ago } from "@/time/time";
import { span } from "@/time/words";

import type { Incident } from "./queries";

const MINUTE = 60_000;

/** How often an entry has helped, how long that took, and when it did last. */
export function Usefulness({ incident }: { incident: Pick<Incident, "resolution_count" | "avg_resolution_mins" | "last_resolved_at"> }) {
  const { resolution_count: times, avg_resolution_mins: minutes, last_resolved_at: last } = incident;
  if (times === 0) return <span className="text-muted">Not used yet</span>;
  return (
    <span>
      Solved {times === 1 ? "1 alert" : `${times} alerts`}
      {minutes !== null && <span className="text-muted">, in {span(minutes * MINUTE)} on average</span>}
      {last && (
        <span className="text-muted">
          , last <Ago at={last} />
        </span>
      )}
    </span>
  );
}

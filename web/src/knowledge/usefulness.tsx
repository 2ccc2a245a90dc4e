import { Ago } from "@/time/time";
import { span } from "@/time/words";

import type { Incident } from "./queries";
import { shareHelped } from "./vote-words";

const MINUTE = 60_000;

/** How often an entry has helped, how long that took, when it did last, and what people say of it. */
export function Usefulness({ incident }: { incident: Pick<Incident, "resolution_count" | "avg_resolution_mins" | "last_resolved_at" | "helped_count" | "unhelpful_count"> }) {
  const { resolution_count: times, avg_resolution_mins: minutes, last_resolved_at: last } = incident;
  const share = shareHelped(incident);
  const said = share && <span className="text-muted">, {share}</span>;
  if (times === 0)
    return (
      <span className="text-muted">
        Not used yet
        {said}
      </span>
    );
  return (
    <span>
      Solved {times === 1 ? "1 alert" : `${times} alerts`}
      {minutes !== null && <span className="text-muted">, in {span(minutes * MINUTE)} on average</span>}
      {last && (
        <span className="text-muted">
          , last <Ago at={last} />
        </span>
      )}
      {said}
    </span>
  );
}

import { Link } from "@tanstack/react-router";

import { serverNow } from "@/time/clock";
import { span } from "@/time/words";

import { ArrivalBars } from "./bars";
import type { Now } from "./queries";

const DAY_MS = 86_400_000;

/** How the last day was: what arrived, and how long it took to take it and to end it. */
export function Figures({ now }: { now: Now }) {
  const sum = now.arrivals.reduce((all, count) => all + count, 0);
  return (
    <div className="grid gap-4">
      <div className="grid gap-2">
        <p>
          <Link to="/alerts" search={{ after: new Date(serverNow() - DAY_MS).toISOString(), sort: "newest" }} className="hover:underline">
            <strong className="text-xl tabular-nums">{sum.toLocaleString("en-GB")}</strong> {sum === 1 ? "alert" : "alerts"} arrived
          </Link>
        </p>
        <ArrivalBars counts={now.arrivals} />
      </div>
      <dl className="grid grid-cols-2 gap-4 border-t pt-3">
        <Mean name="Acknowledged after" means={now.mtta_seconds} />
        <Mean name="Resolved after" means={now.mttr_seconds} />
      </dl>
    </div>
  );
}

function Mean({ name, means }: { name: string; means: Now["mtta_seconds"] }) {
  const words = (seconds: number | null) => (seconds === null ? "–" : span(seconds * 1_000));
  return (
    <div>
      <dt className="text-xs text-muted">{name}</dt>
      <dd>
        <span className="text-lg font-semibold tabular-nums">{words(means.day)}</span>
        <span className="block text-xs text-muted">7 days: {words(means.week)}</span>
      </dd>
    </div>
  );
}

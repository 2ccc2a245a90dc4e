/** "What broke?": open groups and alerts, the worst first, and how many there are of each severity. */
import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";

import { Age } from "@/time/time";
import { Person } from "@/ui/person";
import { SEVERITIES, SeverityMark } from "@/ui/severity";

import type { Now } from "./queries";

/** What the tiles count: open, whoever has it. */
const OPEN = ["firing", "acknowledged", "investigating"];

export function SeverityTiles({ totals }: { totals: Now["burning"]["totals"] }) {
  return (
    <ul aria-label="Open alerts by severity" className="grid grid-cols-4 gap-2">
      {SEVERITIES.map((severity) => (
        <li key={severity}>
          <Link
            to="/alerts"
            search={{ status: OPEN, severity }}
            className="grid content-center gap-0.5 rounded-lg border bg-card px-2 py-2 hover:bg-raised sm:px-4"
          >
            <span className={clsx("text-xl font-bold tabular-nums sm:text-2xl", totals[severity] === 0 && "text-muted")}>{totals[severity].toLocaleString("en-GB")}</span>
            <span className="text-xs">
              <SeverityMark severity={severity} isNamed size={14} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

type Row = Now["burning"]["items"][number];

/** The first ones only, and on a phone fewer: who is on call should stay near. */
const ROWS = 10;
const ON_PHONES = 4;

export function Burning({ burning }: { burning: Now["burning"] }) {
  if (burning.items.length === 0) return <p className="text-muted">Nothing is open.</p>;
  return (
    <>
      <ol className="-mx-2 grid">
        {burning.items.slice(0, ROWS).map((row, index) => (
          <li key={row.id} className={clsx("border-t first:border-t-0", index >= ON_PHONES && "max-sm:hidden")}>
            <BurningRow row={row} />
          </li>
        ))}
      </ol>
      {burning.total > ON_PHONES && (
        <p className={clsx("pt-2", burning.total <= ROWS && "sm:hidden")}>
          <Link to="/alerts" search={{ status: OPEN }} className="link">
            All {burning.total.toLocaleString("en-GB")}
          </Link>
        </p>
      )}
    </>
  );
}

function BurningRow({ row }: { row: Row }) {
  const target = row.kind === "group" ? ({ to: "/groups/$groupId", params: { groupId: row.id } } as const) : ({ to: "/alerts/$alertId", params: { alertId: row.id } } as const);
  return (
    <Link {...target} className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 rounded-md px-2 py-2 hover:bg-raised sm:grid-cols-[auto_minmax(0,1fr)_10rem_5rem]">
      <SeverityMark severity={row.severity} />
      <span className="truncate font-mono" title={row.title}>
        {row.title}
      </span>
      <span className="col-start-2 row-start-2 truncate text-muted sm:col-start-3 sm:row-start-1">
        {row.holder ? <Person id={row.holder.id} name={row.holder.name} /> : <span className="text-warning">nobody has it</span>}
      </span>
      <span className="text-right text-muted">
        <Age since={row.since} />
      </span>
      <span className="col-start-3 row-start-2 text-right text-xs text-muted sm:col-span-3 sm:col-start-2 sm:text-left">
        <Counts row={row} />
      </span>
    </Link>
  );
}

function Counts({ row }: { row: Row }) {
  const parts = [
    row.kind === "group" && `${row.alerts} ${row.alerts === 1 ? "alert" : "alerts"}, ${row.firing} in nobody's hands`,
    row.occurrences > row.alerts && `${row.occurrences.toLocaleString("en-GB")} ×`,
  ].filter(Boolean);
  return <>{parts.join(" · ")}</>;
}

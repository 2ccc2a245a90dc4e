/** Gaps that are still to come, those that repeat as one line, with the changes that would close them. */
import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import { useState } from "react";

import { serverNow } from "@/time/clock";
import { Button, buttonClass } from "@/ui/button";

import type { Span } from "./axis";
import { closings, groupGaps, groupWords, withoutLinked, type Closing, type GapGroup } from "./coverage";
import type { Coverage, Roster } from "./queries";
import { many } from "./words";

const FEW = 3;

interface GapBannerProps {
  coverage: readonly Coverage[];
  rosters: readonly Roster[];
  range: Span;
  days: number;
  /** Null for whom may not plan. */
  onFill: ((rosterId: string, from: number, until: number) => void) | null;
}

export function GapBanner({ coverage, rosters, range, days, onFill }: GapBannerProps) {
  const [isAll, setAll] = useState(false);
  const [now] = useState(serverNow);
  const groups = groupGaps(withoutLinked(coverage, rosters), range, now);
  if (groups.length === 0) return null;
  const shown = isAll ? groups : groups.slice(0, FEW);
  return (
    <section aria-label="Gaps" className="rounded-lg border border-warning bg-card p-4">
      <p className="flex items-center gap-2 font-semibold text-warning">
        <TriangleAlert size={18} aria-hidden /> {many(groups.length, "gap")} in the next {days} days
      </p>
      <ul className="mt-2 grid gap-3">
        {shown.map((group) => (
          <li key={`${group.roster.roster_id}-${group.from}-${group.until}-${group.reason}`} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t pt-3 first:border-t-0 first:pt-0">
            <p className="min-w-0">
              <Link to="/rosters/$rosterId" params={{ rosterId: group.roster.roster_id }} className="link font-medium">
                {group.roster.name}
              </Link>
              : {groupWords(group, days)}
            </p>
            {onFill && <Closings group={group} roster={rosters.find((roster) => roster.id === group.roster.roster_id)} coverage={coverage} onFill={onFill} />}
          </li>
        ))}
      </ul>
      {groups.length > FEW && (
        <Button look="quiet" className="mt-2" onClick={() => setAll(!isAll)}>
          {isAll ? "Show fewer" : `Show all ${groups.length}`}
        </Button>
      )}
    </section>
  );
}

interface ClosingsProps {
  group: GapGroup;
  roster: Roster | undefined;
  coverage: readonly Coverage[];
  onFill: (rosterId: string, from: number, until: number) => void;
}

function Closings({ group, roster, coverage, onFill }: ClosingsProps) {
  const [first] = group.spans;
  return (
    <div className="flex flex-wrap gap-2">
      {closings(group, roster, coverage).map((closing) => (
        <Link key={closing.kind} to="/rosters/$rosterId" params={{ rosterId: group.roster.roster_id }} search={searchOf(closing)} className={buttonClass()}>
          {wordsOf(closing)}
        </Link>
      ))}
      <Button onClick={() => onFill(group.roster.roster_id, first!.start, first!.end)}>{group.spans.length > 1 ? "Fill the first one" : "Fill it"}</Button>
    </div>
  );
}

function searchOf(closing: Closing) {
  if (closing.kind === "hours") return { tab: "settings", hours: `${closing.from}-${closing.until}` } as const;
  if (closing.kind === "all-day") return { tab: "settings", hours: "all" } as const;
  if (closing.kind === "link") return { tab: "settings", link: closing.to.roster_id } as const;
  return { tab: closing.kind === "members" ? "members" : "settings" } as const;
}

function wordsOf(closing: Closing): string {
  if (closing.kind === "hours") return `Be active ${closing.from}–${closing.until}`;
  if (closing.kind === "all-day") return "Be active all day";
  if (closing.kind === "link") return `Link ${closing.to.name}, which covers it`;
  return closing.kind === "members" ? "Add a member" : "Change its dates";
}

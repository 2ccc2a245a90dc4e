/** Which days, and charts or tables: all of it in the URL. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { serverNow } from "@/time/clock";
import { buttonClass } from "@/ui/button";
import { TextField } from "@/ui/field";

import type { Range } from "./queries";
import { dayOf, daysBetween, lastDays, MOST_DAYS, USUAL_DAYS } from "./range";

const PRESETS = [7, USUAL_DAYS, 90];

export function RangeBar({ range, isTable }: { range: Range; isTable: boolean }) {
  const navigate = useNavigate({ from: "/insight" });
  const [refusal, setRefusal] = useState<string>();
  const pick = (next: Range) => {
    const wrong = !next.from || !next.to ? "Both days are needed." : next.from > next.to ? "The first day must not be after the last." : daysBetween(next.from, next.to) > MOST_DAYS ? `At most ${MOST_DAYS} days.` : undefined;
    setRefusal(wrong);
    if (!wrong) void navigate({ search: (search) => ({ ...search, ...next }) });
  };
  const today = dayOf(serverNow());
  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
      <ul aria-label="Spans" className="flex gap-1">
        {PRESETS.map((days) => {
          const preset = lastDays(days, serverNow());
          const isChosen = preset.from === range.from && preset.to === range.to;
          return (
            <li key={days}>
              <Link from="/insight" to="/insight" search={(search) => ({ ...search, ...preset })} aria-current={isChosen ? "true" : undefined} className={`${buttonClass(isChosen ? "neutral" : "quiet")} ${isChosen ? "border-accent!" : ""}`}>
                {days} days
              </Link>
            </li>
          );
        })}
      </ul>
      {/* Anew when the URL changes, so that the fields show what is shown. */}
      <div key={`${range.from} ${range.to}`} className="flex flex-wrap gap-2">
        <TextField label="First day" type="date" defaultValue={range.from} max={today} error={refusal} onChange={(event) => pick({ ...range, from: event.target.value })} />
        <TextField label="Last day" type="date" defaultValue={range.to} max={today} onChange={(event) => pick({ ...range, to: event.target.value })} />
      </div>
      <Link from="/insight" to="/insight" search={(search) => ({ ...search, as: isTable ? undefined : ("table" as const) })} className={`${buttonClass()} sm:ml-auto`}>
        {isTable ? "View as charts" : "View as tables"}
      </Link>
    </div>
  );
}

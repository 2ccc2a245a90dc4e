/** The schedule of a roster for some weeks: its layers, and the forms that change them. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";

import { may, useMe } from "@/session/me";
import { serverNow } from "@/time/clock";
import { Button, IconButton } from "@/ui/button";
import { Loaded, Panel } from "@/ui/panel";

import { layersOf } from "./layers";
import { LayersView } from "./layers-view";
import { OverrideDialog, type OverrideDraft } from "./override-dialog";
import { leaveQuery, previewQuery, scheduleQuery, type RosterDetail, type Shift } from "./queries";
import { WEEKS, type Weeks } from "./routes";
import { ShiftDialog } from "./shift-dialog";
import { SwapDialog } from "./swap-dialog";
import { freeHour } from "./grab";
import { spanOf } from "./axis";
import { addDays, clockOf, DAY, fromWall, HOUR, iso, startOfDay } from "./zones";

/** Shifts are asked for beyond the axis, so that those at its ends have their whole span. */
const MARGIN = 40 * DAY;

type Open = { kind: "override"; draft: OverrideDraft } | { kind: "swap"; give: Shift; take: Shift } | { kind: "shift"; shift: Shift } | null;

export default function ScheduleTab({ roster, etag }: { roster: RosterDetail; etag: string | null }) {
  const me = useMe();
  const navigate = useNavigate({ from: "/rosters/$rosterId" });
  const { weeks = 4, from } = useSearch({ from: "/shell/rosters/$rosterId" });
  const [open, setOpen] = useState<Open>(null);
  const zone = roster.timezone;
  const today = startOfDay(serverNow(), zone);
  const start = (from && fromWall(`${from}T00:00`, zone)) || today;
  const axis = { start, end: addDays(start, weeks * 7, zone) };
  const wide = { starts_at: iso(axis.start - MARGIN), ends_at: iso(axis.end + MARGIN) };
  const schedule = useQuery(scheduleQuery(roster.id, wide.starts_at, wide.ends_at));
  const plan = useQuery(previewQuery(roster.id, { ...wide, overrides: [] }));
  const leave = useQuery(leaveQuery(iso(axis.start), iso(axis.end)));
  const mayPlan = may(me, "manager");
  const goTo = (at: number) => void navigate({ search: (search) => ({ ...search, from: at === today ? undefined : clockOf(at, zone).date }), replace: true });
  const close = () => setOpen(null);
  return (
    <Panel
      title="Schedule"
      actions={
        <>
          <IconButton label={`${weeks} weeks back`} icon={<ChevronLeft size={18} />} onClick={() => goTo(addDays(start, -7 * weeks, zone))} />
          <Button look="quiet" onClick={() => goTo(today)} disabled={start === today}>
            Today
          </Button>
          <IconButton label={`${weeks} weeks on`} icon={<ChevronRight size={18} />} onClick={() => goTo(addDays(start, 7 * weeks, zone))} />
          <WeeksChoice weeks={weeks} onChange={(next) => void navigate({ search: (search) => ({ ...search, weeks: next === 4 ? undefined : next }), replace: true })} />
          {mayPlan && <Button onClick={() => setOpen({ kind: "override", draft: soon(roster, zone) })}>New override</Button>}
        </>
      }
    >
      <Loaded query={schedule} what="The schedule" lines={8}>
        {(final) => (
          <Loaded query={plan} what="The rotation" lines={8}>
            {(planned) => (
              <Loaded query={leave} what="Who is away" lines={8}>
                {(away) => (
                  <LayersView
                    roster={roster}
                    axis={axis}
                    layers={layersOf({ axis, roster, final: { shifts: final.items, holes: final.uncovered }, plan: { shifts: planned.after.shifts, holes: planned.after.uncovered }, leave: away })}
                    shifts={final.items}
                    mayPlan={mayPlan}
                    myId={me.user_id ?? null}
                    onOverride={(draft) => setOpen({ kind: "override", draft })}
                    onSwap={(give, take) => setOpen({ kind: "swap", give, take })}
                    onShift={(shift) => setOpen({ kind: "shift", shift })}
                  />
                )}
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
      {open?.kind === "override" && <OverrideDialog rosterId={roster.id} draft={open.draft} onClose={close} />}
      {open?.kind === "swap" && <SwapDialog roster={roster} etag={etag} give={open.give} take={open.take} onClose={close} />}
      {open?.kind === "shift" && (
        <ShiftDialog
          roster={roster}
          etag={etag}
          shift={open.shift}
          others={schedule.data?.items ?? []}
          onOverride={(draft) => setOpen({ kind: "override", draft })}
          onSwap={(give, take) => setOpen({ kind: "swap", give, take })}
          onClose={close}
        />
      )}
    </Panel>
  );
}

function soon(roster: RosterDetail, zone: string): OverrideDraft {
  const { start } = freeHour(serverNow(), roster.overrides.map(spanOf), zone);
  return { start, end: start + 8 * HOUR };
}

function WeeksChoice({ weeks, onChange }: { weeks: Weeks; onChange: (weeks: Weeks) => void }) {
  return (
    <div role="group" aria-label="Weeks shown" className="inline-flex rounded-md border border-control">
      {WEEKS.map((each) => (
        <button key={each} type="button" aria-pressed={weeks === each} onClick={() => onChange(each)} className="target px-3 first:rounded-l-md last:rounded-r-md aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent">
          {each} <span className="sr-only">weeks</span>
          <span aria-hidden>w</span>
        </button>
      ))}
    </div>
  );
}

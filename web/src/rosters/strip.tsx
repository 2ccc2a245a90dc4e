/** One row of shifts and holes on an axis, only to look at. What it shows is said in its label. */
import { initialsOf } from "@/ui/person";

import { boxOf, spanOf, type Axis } from "./axis";
import { GAP_STYLE, personStyle, UNASSIGNED_STYLE } from "./bars";
import type { Shift, Uncovered } from "./queries";
import { many, spanWords } from "./words";

interface StripProps {
  label: string;
  axis: Axis;
  shifts: readonly Shift[];
  holes: readonly Uncovered[];
  zone: string;
}

export function Strip({ label, axis, shifts, holes, zone }: StripProps) {
  const said = `${label}: ${many(shifts.length, "shift")}, ${holes.length ? many(holes.length, "gap") : "no gap"}, ${spanWords(axis.start, axis.end, zone)}`;
  return (
    <div className="grid grid-cols-[4rem_minmax(0,1fr)] items-center gap-2">
      <span className="text-xs text-muted">{label}</span>
      <div role="img" aria-label={said} className="relative h-7 overflow-hidden rounded bg-sunken">
        {shifts.map((shift) => (
          <Box key={shift.starts_at} {...boxOf(axis, spanOf(shift))} style={personStyle(shift.user.id)} title={`${shift.user.display_name}, ${spanWords(shift.starts_at, shift.ends_at, zone)}`} isStrong={shift.source === "override"}>
            {boxOf(axis, spanOf(shift)).width > 3.2 && initialsOf(shift.user.display_name)}
          </Box>
        ))}
        {holes.map((hole) => (
          <Box key={hole.starts_at} {...boxOf(axis, spanOf(hole))} style={hole.kind === "gap" ? GAP_STYLE : UNASSIGNED_STYLE} title={`Nobody, ${spanWords(hole.starts_at, hole.ends_at, zone)}`}>
            {hole.kind === "gap" ? "" : "?"}
          </Box>
        ))}
      </div>
    </div>
  );
}

interface BoxProps {
  left: number;
  width: number;
  style: React.CSSProperties;
  title: string;
  isStrong?: boolean;
  children: React.ReactNode;
}

function Box({ left, width, style, title, isStrong = false, children }: BoxProps) {
  return (
    <span title={title} className={`absolute inset-y-0 overflow-hidden rounded-sm border px-1 text-xs leading-6 font-semibold ${isStrong ? "border-2" : "border"}`} style={{ left: `${left}%`, width: `${width}%`, ...style }}>
      {children}
    </span>
  );
}

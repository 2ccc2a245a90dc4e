/** Days along an axis, as the clock of a zone has them, and where now is. */
import { useNow } from "@/time/clock";

import { boxOf, placeOf, type Axis } from "./axis";
import { DAY, daysFrom, HOUR } from "./zones";

interface RulerProps {
  axis: Axis;
  zone: string;
  label: string;
  isQuiet?: boolean;
}

export function Ruler({ axis, zone, label, isQuiet = false }: RulerProps) {
  const count = Math.round((axis.end - axis.start) / DAY) + 2;
  const days = daysFrom(axis.start, count, zone).filter((day) => day.start < axis.end);
  const isLong = count > 32;
  const shown = isLong ? days.filter((day) => weekday(day.date) === 1) : days;
  return (
    <div aria-hidden className="grid grid-cols-[5.5rem_minmax(0,1fr)]">
      <span className="sticky left-0 z-10 truncate bg-card pr-2 text-[0.6875rem] leading-6 text-muted" title={label}>
        {label.split("/").at(-1)!.replaceAll("_", " ")}
      </span>
      <div className="relative h-6 overflow-hidden">
        {shown.map((day) => {
          const { left, width } = boxOf(axis, isLong ? { start: day.start, end: day.start + 7 * DAY } : day);
          const odd = (day.end - day.start) / HOUR;
          return (
            <span key={day.date} className={`absolute inset-y-0 overflow-hidden border-l pl-1 text-[0.6875rem] leading-6 whitespace-nowrap text-muted ${!isLong && weekday(day.date) > 5 ? "bg-sunken" : ""}`} style={{ left: `${left}%`, width: `${width}%` }} title={`${day.date}${odd === 24 ? "" : `, ${odd} h`}`}>
              {isQuiet ? shortDay(day.date) : dayWords(day.date, width)}
              {!isLong && odd !== 24 && <span className="text-warning"> {odd} h</span>}
            </span>
          );
        })}
      </div>
    </div>
  );
}

/** 1 is Monday. */
export function weekday(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

function dayWords(date: string, width: number): string {
  if (width < 4) return shortDay(date);
  return new Intl.DateTimeFormat("en-GB", { weekday: width > 5 ? "short" : undefined, day: "numeric", month: width > 5 ? "short" : undefined, timeZone: "UTC" }).format(new Date(`${date}T00:00:00Z`));
}

/** The day alone; the first of a month says which. */
function shortDay(date: string): string {
  const day = Number(date.slice(8));
  return day === 1 ? new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" }).format(new Date(`${date}T00:00:00Z`)) : String(day);
}

/** A line at the present instant, over all rows. */
export function NowLine({ axis, left }: { axis: Axis; left: string }) {
  const now = useNow();
  if (now < axis.start || now >= axis.end) return null;
  return (
    <div aria-hidden className="pointer-events-none absolute inset-y-0 right-0 z-[5]" style={{ left }}>
      <div className="absolute inset-y-0 w-0.5 bg-accent" style={{ left: `${placeOf(axis, now)}%` }}>
        <span className="absolute bottom-0.5 left-1 rounded bg-accent px-1 text-[0.625rem] leading-4 font-semibold text-card">now</span>
      </div>
    </div>
  );
}

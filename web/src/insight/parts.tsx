/** What all tables and charts of the page share: a panel with its CSV, an axis, a legend, days in words. */
import { Download } from "lucide-react";
import type { ReactNode } from "react";

import { buttonClass } from "@/ui/button";
import { Panel } from "@/ui/panel";

import { csvPath, type Range, type TableName } from "./queries";

export const number = (value: number) => value.toLocaleString("en-GB");
export const percent = (share: number) => `${(share * 100).toLocaleString("en-GB", { maximumFractionDigits: share > 0.99 && share < 1 ? 1 : 0 })} %`;

/** `Mon 23 Nov`, of a day as the API writes it. */
export function dayInWords(day: string): string {
  return new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(day));
}

interface InsightPanelProps {
  title: string;
  lead: string;
  table: TableName;
  range: Range;
  className?: string;
  children: ReactNode;
}

export function InsightPanel({ title, lead, table, range, className, children }: InsightPanelProps) {
  return (
    <Panel
      title={title}
      className={className}
      actions={
        <a href={csvPath(table, range)} download={`${table}.csv`} className={buttonClass("quiet")} aria-label={`${title} as CSV`}>
          <Download size={14} aria-hidden /> CSV
        </a>
      }
    >
      <p className="mb-3 text-muted">{lead}</p>
      {children}
    </Panel>
  );
}

interface PlotProps {
  /** What it shows, for who cannot see it. */
  label: string;
  top: string;
  days: readonly string[];
  legend?: ReactNode;
  /** In a box of `PLOT`. */
  children: ReactNode;
}

export const PLOT = { width: 600, height: 120 };

/** A drawing over days, with its height in words. */
export function Plot({ label, top, days, legend, children }: PlotProps) {
  return (
    <figure className="grid gap-1">
      <div className="text-xs text-muted tabular-nums">{top}</div>
      <svg viewBox={`0 0 ${PLOT.width} ${PLOT.height}`} preserveAspectRatio="none" role="img" aria-label={label} className="h-36 w-full overflow-visible border-y">
        <line x1="0" x2={PLOT.width} y1={PLOT.height / 2} y2={PLOT.height / 2} stroke="var(--line)" vectorEffect="non-scaling-stroke" />
        {children}
      </svg>
      <figcaption className="grid gap-2">
        <span aria-hidden className="flex justify-between text-xs text-muted">
          <span>{dayInWords(days[0]!)}</span>
          {days.length > 1 && <span>{dayInWords(days.at(-1)!)}</span>}
        </span>
        {legend}
      </figcaption>
    </figure>
  );
}

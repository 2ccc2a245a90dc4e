/** How bad it is and where it stands. Shape, letter and word carry it; colour only helps. */
import { clsx } from "clsx";

import type { Schema } from "@/api/client";

export type Severity = Schema["Alert"]["severity"];
export type Status = Schema["Alert"]["status"];

export const SEVERITIES: readonly Severity[] = ["critical", "major", "warning", "info"];
export const STATUSES: readonly Status[] = ["firing", "acknowledged", "investigating", "resolved"];

/** Letters are lines as shapes are: to set a text in a drawing takes longer than to lay out the row around it. */
const SHAPES: Record<Severity, { path: string; letter: string; color: string }> = {
  critical: { path: "M7 2h10l5 5v10l-5 5H7l-5-5V7z", letter: "M15.2 9.6a4 4 0 1 0 0 4.8", color: "text-critical" },
  major: { path: "M12 2l10.5 19h-21z", letter: "M8.7 18.4v-7.2l3.3 4.4 3.3-4.4v7.2", color: "text-major" },
  warning: { path: "M12 1l11 11-11 11L1 12z", letter: "M7.4 8.4l2.2 7.2L12 9.6l2.4 6 2.2-7.2", color: "text-warning" },
  info: { path: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20z", letter: "M12 8v8", color: "text-info" },
};

/** The shape alone, read out as the severity's name; with `isNamed` the word stands beside it. */
export function SeverityMark({ severity, isNamed = false, size = 20 }: { severity: Severity; isNamed?: boolean; size?: number }) {
  const { path, letter, color } = SHAPES[severity];
  return (
    <span className={clsx("inline-flex items-center gap-1.5 whitespace-nowrap", color)} title={severity}>
      <svg width={size} height={size} viewBox="0 0 24 24" role={isNamed ? undefined : "img"} aria-label={isNamed ? undefined : severity} aria-hidden={isNamed || undefined} className="shrink-0">
        <path d={path} fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinejoin="round" />
        <path d={letter} fill="none" stroke="currentColor" strokeWidth="1.9" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      {isNamed && severity}
    </span>
  );
}

const STATUS_COLORS: Record<Status, string> = {
  firing: "text-text border-control",
  acknowledged: "text-warning border-warning",
  investigating: "text-investigating border-investigating",
  resolved: "text-ok border-ok",
};

export function StatusPill({ status }: { status: Status }) {
  return <Pill className={STATUS_COLORS[status]}>{status}</Pill>;
}

/** An outlined word. */
export function Pill({ className, children }: { className?: string; children: React.ReactNode }) {
  return <span className={clsx("inline-flex items-center rounded-full border px-2 py-px text-xs whitespace-nowrap", className ?? "border-control text-muted")}>{children}</span>;
}

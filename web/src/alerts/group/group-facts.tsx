/** How a group is shown in a few words, in its list and on its page. */
import type { Schema } from "@/api/client";
import { Pill } from "@/ui/severity";

export type Group = Schema["AlertGroup"];

export function openCount({ counts }: Pick<Group, "counts">): number {
  return counts.firing + counts.acknowledged + counts.investigating;
}

const COLORS = { firing: "border-control text-text", acknowledged: "border-warning text-warning", investigating: "border-investigating text-investigating", resolved: "border-ok text-ok" } as const;

/** `3 firing`, `1 acknowledged`: only what there is. */
export function Counts({ counts }: Pick<Group, "counts">) {
  const there = (["firing", "acknowledged", "investigating", "resolved"] as const).filter((status) => counts[status] > 0);
  return (
    <span className="inline-flex flex-wrap gap-1">
      {there.length === 0 && <span className="text-muted">empty</span>}
      {there.map((status) => (
        <Pill key={status} className={COLORS[status]}>
          {counts[status]} {status}
        </Pill>
      ))}
    </span>
  );
}

/** The labels by which its alerts belong together. */
export function Key({ of }: { of: Group["key"] }) {
  const labels = Object.entries(of);
  if (labels.length === 0) return <span className="text-muted">all that fits</span>;
  return <span className="font-mono text-xs wrap-anywhere">{labels.map(([name, value]) => `${name}=${value || "–"}`).join(", ")}</span>;
}

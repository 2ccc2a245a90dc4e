/** How people and holes look on an axis: a stable hue with initials, hatching, dots with a question mark. */
import { hueOf } from "@/ui/person";
import type { CSSProperties } from "react";

/** Text on it has at least 7:1 in both themes. */
export function personStyle(id: string): CSSProperties {
  const hue = hueOf(id);
  return { background: `light-dark(oklch(0.9 0.07 ${hue}), oklch(0.35 0.07 ${hue}))`, color: `light-dark(oklch(0.3 0.08 ${hue}), oklch(0.93 0.05 ${hue}))`, borderColor: `light-dark(oklch(0.6 0.1 ${hue}), oklch(0.6 0.1 ${hue}))` };
}

export const GAP_STYLE: CSSProperties = { background: "repeating-linear-gradient(135deg, transparent 0 4px, color-mix(in srgb, var(--warning) 45%, transparent) 4px 6px)", borderColor: "var(--warning)" };
export const UNASSIGNED_STYLE: CSSProperties = { background: "radial-gradient(circle, color-mix(in srgb, var(--danger) 70%, transparent) 1px, transparent 1.5px) 0 0 / 6px 6px", borderColor: "var(--danger)" };

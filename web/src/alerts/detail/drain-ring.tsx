/** A ring that empties until an instant. The countdown in its middle says the same in figures. */
import { useNow } from "@/time/clock";
import { countdown } from "@/time/words";

import { leftOf } from "./ladder-rungs";

const RADIUS = 22;
const AROUND = 2 * Math.PI * RADIUS;

export function DrainRing({ from, to }: { from: number; to: number }) {
  const now = useNow();
  const left = leftOf(from, to, now);
  return (
    <span className="relative inline-grid size-14 shrink-0 place-items-center">
      <svg viewBox="0 0 52 52" className="absolute inset-0 -rotate-90" aria-hidden>
        <circle cx="26" cy="26" r={RADIUS} fill="none" stroke="var(--line)" strokeWidth="4" />
        <circle cx="26" cy="26" r={RADIUS} fill="none" stroke="var(--accent)" strokeWidth="4" strokeLinecap="round" strokeDasharray={AROUND} strokeDashoffset={AROUND * (1 - left)} className="transition-[stroke-dashoffset] duration-1000 ease-linear" />
      </svg>
      <span className="font-mono text-xs tabular-nums">{to > now ? countdown(to - now) : "now"}</span>
    </span>
  );
}

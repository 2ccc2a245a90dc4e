/** How many requests to swap wait for the reader, or were answered and not seen: beside the way to the rosters. */
import { useQuery } from "@tanstack/react-query";

import { nowQuery } from "./queries";

/** Nothing while there are none. */
export function SwapCount({ className = "" }: { className?: string }) {
  const count = useQuery({ ...nowQuery, select: (now) => now.swaps.length }).data ?? 0;
  if (count === 0) return null;
  return (
    <span className={`rounded-full bg-accent px-1.5 text-xs font-semibold text-bg tabular-nums ${className}`}>
      {count}
      <span className="sr-only">{count === 1 ? " swap to look at" : " swaps to look at"}</span>
    </span>
  );
}

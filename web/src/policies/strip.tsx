/** A ladder in one line, as it is written: minute, whom, and over what. */
import { ChevronRight } from "lucide-react";

import { channelWords } from "./channels";
import { targetWords, type Directory, type Meaning } from "./targets";

interface Tier {
  timeout_minutes: number;
  notify_via: readonly string[];
  targets: readonly string[];
}

export function RungStrip({ tiers, meaning, directory, end }: { tiers: readonly Tier[]; meaning: Meaning; directory: Directory; end: string }) {
  let minute = 0;
  return (
    <ol className="flex flex-wrap items-stretch gap-2 text-left">
      {tiers.map((tier, index) => {
        const at = minute;
        minute += tier.timeout_minutes;
        return (
          <li key={index} className="flex max-w-full items-center gap-2">
            <div className="h-full min-w-36 rounded-md border bg-sunken px-3 py-1.5">
              <p className="text-xs text-muted tabular-nums">{at} min</p>
              {tier.targets.map((target) => (
                <p key={target} className="wrap-anywhere">
                  {targetWords(target, directory, meaning)}
                </p>
              ))}
              <p className="text-xs text-muted">{tier.notify_via.map(channelWords).join(", ")}</p>
            </div>
            <ChevronRight size={16} aria-hidden className="shrink-0 text-muted" />
          </li>
        );
      })}
      <li className="self-center text-muted">
        <span className="tabular-nums">{minute} min</span>: {end}
      </li>
    </ol>
  );
}

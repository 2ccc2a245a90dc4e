import { barsInWords, barsOf } from "./spark";

const BOX = { width: 240, height: 48, gap: 2 };

/** The alerts of the last 24 hours, one bar an hour. */
export function ArrivalBars({ counts }: { counts: readonly number[] }) {
  return (
    <figure className="grid gap-1">
      <svg viewBox={`0 0 ${BOX.width} ${BOX.height}`} preserveAspectRatio="none" role="img" aria-label={barsInWords(counts)} className="h-12 w-full text-accent">
        {barsOf(counts, BOX).map((bar, index) => (
          <rect key={index} {...bar} fill="currentColor">
            <title>{`${counts.length - 1 - index} h ago: ${counts[index]}`}</title>
          </rect>
        ))}
        <line x1="0" x2={BOX.width} y1={BOX.height} y2={BOX.height} stroke="var(--control)" strokeWidth="1" vectorEffect="non-scaling-stroke" />
      </svg>
      <figcaption aria-hidden className="flex justify-between text-xs text-muted">
        <span>24 h ago</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}

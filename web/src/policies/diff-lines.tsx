import { clsx } from "clsx";

import type { Line } from "./diff";

const MARKS: Record<Line["kind"], { mark: string; className: string }> = {
  same: { mark: " ", className: "border-transparent text-muted" },
  gone: { mark: "−", className: "border-danger bg-sunken" },
  new: { mark: "+", className: "border-ok bg-sunken" },
};

/** What two versions have in common and what only one of them says; marked by sign and word, not by colour alone. */
export function DiffLines({ lines, before, after }: { lines: readonly Line[]; before: string; after: string }) {
  const words: Record<Line["kind"], string> = { same: "in both", gone: `only in ${before}`, new: `only in ${after}` };
  if (lines.every((line) => line.kind === "same")) return <p className="text-muted">They say the same.</p>;
  return (
    <ul aria-label={`Differences between ${before} and ${after}`} className="grid gap-0.5">
      {lines.map((line, index) => (
        <li key={index} className={clsx("grid grid-cols-[1rem_minmax(0,1fr)_auto] gap-x-2 rounded-sm border-l-2 px-2 py-0.5", MARKS[line.kind].className)}>
          <span aria-hidden className="font-mono">
            {MARKS[line.kind].mark}
          </span>
          <span className="wrap-anywhere">{line.text}</span>
          <span className={line.kind === "same" ? "sr-only" : "text-xs text-muted"}>{words[line.kind]}</span>
        </li>
      ))}
    </ul>
  );
}

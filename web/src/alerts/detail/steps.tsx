/** A solution's steps: to be worked through, and in short. */
import { useMemo } from "react";

import { useSteps } from "@/runbooks/steps";
import { Snippet } from "@/ui/copy";

import type { Step } from "./solution";
import { namesOf } from "./step-names";

interface ChecklistProps {
  steps: readonly Step[];
  /** Noun and id of what has the steps. */
  of: string;
  alertId: string;
}

/** What is ticked is kept in this browser for the alert, and ticked on the page of what has the steps too. */
export function Checklist({ steps, of, alertId }: ChecklistProps) {
  const { done, onToggle } = useSteps(of, alertId);
  const names = useMemo(() => namesOf(steps), [steps]);
  return (
    <ol className="grid gap-2" aria-label="Solution">
      {steps.map((step, place) => {
        const name = names[place]!;
        const words = step.parts.filter((part) => part.kind === "text").map((part) => part.text).join(" ") || `Step ${place + 1}`;
        return (
          <li key={place} className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
            <input type="checkbox" aria-label={`Done: ${words}`} checked={done.has(name)} onChange={() => onToggle(name)} className="mt-0.5 size-4 accent-(--accent) pointer-coarse:size-6" />
            <div className="grid min-w-0 gap-1.5">
              {step.parts.map((part, at) =>
                part.kind === "command" ? (
                  <Snippet key={at} text={part.text} label="Copy the command" />
                ) : (
                  <p key={at} className={done.has(name) ? "text-muted line-through wrap-anywhere" : "wrap-anywhere"}>
                    <Words text={part.text} />
                  </p>
                ),
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

const FEW = 4;

/** The first steps, to judge whether they fit. Nothing in it can be pressed. */
export function StepsInShort({ steps }: { steps: readonly Step[] }) {
  return (
    <>
      <ol className="grid gap-1">
        {steps.slice(0, FEW).map((step, place) => (
          <li key={place} className="grid min-w-0 gap-1">
            {step.parts.map((part, at) =>
              part.kind === "command" ? (
                <code key={at} className="rounded border bg-sunken px-2 py-1 font-mono text-xs wrap-anywhere">
                  {part.text}
                </code>
              ) : (
                <p key={at} className="line-clamp-4 wrap-anywhere">
                  {steps.length > 1 && at === 0 && <span className="text-muted tabular-nums">{place + 1}. </span>}
                  <Words text={part.text} />
                </p>
              ),
            )}
          </li>
        ))}
      </ol>
      {steps.length > FEW && <p className="mt-1 text-xs text-muted">and {steps.length - FEW} more</p>}
    </>
  );
}

/** A text in which `code` is set as code. */
function Words({ text }: { text: string }) {
  return text.split(/`([^`]+)`/u).map((part, place) => (place % 2 ? <code key={place} className="rounded bg-sunken px-1 font-mono text-xs">{part}</code> : part));
}

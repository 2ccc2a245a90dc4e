import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { Button } from "@/ui/button";
import { parseMarkdown, stepsOf } from "@/ui/markdown-tree";

import type { useSteps } from "./steps";

/** How many of a text's steps are done, for which alert, and the way to begin anew. */
export function StepsBar({ text, steps, alertId }: { text: string; steps: ReturnType<typeof useSteps>; alertId: string | undefined }) {
  const all = useMemo(() => stepsOf(parseMarkdown(text)), [text]);
  const done = all.filter((step) => steps.done.has(step)).length;
  if (all.length === 0) return null;
  return (
    <>
      {alertId && (
        <Link to="/alerts/$alertId" params={{ alertId }} className="link text-xs">
          for this alert
        </Link>
      )}
      <span role="status" className="flex items-center gap-2 text-xs text-muted">
        <svg width="64" height="6" aria-hidden className="rounded-full bg-raised">
          <rect width={(64 * done) / all.length} height="6" rx="3" className="fill-ok" />
        </svg>
        {done} of {all.length} done
      </span>
      {done > 0 && (
        <Button look="quiet" onClick={steps.clear} className="text-xs">
          Start over
        </Button>
      )}
    </>
  );
}

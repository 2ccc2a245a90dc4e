/** How far a change for all of a group is, and which alerts refused it, with the reason. */
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useEffect, useRef } from "react";

import type { Alert } from "@/alerts/act/commands";
import type { Schema } from "@/api/client";
import { WithTimes } from "@/time/time";
import { IconButton } from "@/ui/button";
import { Loaded } from "@/ui/panel";
import { toast } from "@/ui/toast";

import { refreshAfterJob, takeBackAll } from "./group-actions";

type Job = Schema["BulkJob"];

interface Props {
  query: UseQueryResult<Job>;
  members: readonly Alert[];
  before: ReadonlyArray<{ id: string; status: string }>;
  onClose: () => void;
  onJob: (id: string) => void;
}

const DONE: Readonly<Record<string, string>> = { acknowledge: "acknowledged", resolve: "resolved", unacknowledge: "given back", reopen: "reopened" };

export function GroupJob({ query, members, before, onClose, onJob }: Props) {
  useEnd(query.data, before, onJob);
  return (
    <section aria-label="What became of it" className="rounded-lg border border-control bg-card px-4 py-3">
      <Loaded query={query} what="The change" lines={1}>
        {(job) => (
          <div className="grid gap-2">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <p role="status">
                <span className="font-medium">
                  {job.done} of {job.total} {DONE[job.action] ?? job.action}
                </span>
                {job.failed > 0 && <span className="text-danger">, {job.failed} not changed</span>}
                {!job.finished_at && <span className="text-muted">, at work</span>}
              </p>
              {job.finished_at && <IconButton label="Close" icon={<X size={16} />} onClick={onClose} />}
            </div>
            {!job.finished_at && <progress aria-label="Progress" max={job.total} value={job.done + job.failed} className="h-1.5 w-full accent-(--accent)" />}
            {job.failures.length > 0 && (
              <ul className="grid gap-1">
                {job.failures.map((each) => (
                  <li key={each.alert_id} className="wrap-anywhere">
                    <Link to="/alerts/$alertId" params={{ alertId: each.alert_id }} className="link">
                      {members.find((member) => member.id === each.alert_id)?.title ?? each.alert_id}
                    </Link>
                    : <WithTimes text={each.reason} />
                  </li>
                ))}
              </ul>
            )}
          </div>
        )}
      </Loaded>
    </section>
  );
}

/** Tells the end once. What everybody had before cannot be made anew by one change, so Undo is there where nobody had it. */
function useEnd(job: Job | undefined, before: Props["before"], onJob: Props["onJob"]) {
  const watched = useRef<string | null>(null);
  useEffect(() => {
    if (!job) return;
    if (!job.finished_at) {
      watched.current = job.id;
      return;
    }
    if (watched.current !== job.id && before.length === 0) return;
    watched.current = null;
    refreshAfterJob();
    const { action } = job;
    const refused = new Set(job.failures.map((each) => each.alert_id));
    const changed = before.filter((each) => !refused.has(each.id) && (action === "resolve" || each.status === "firing"));
    const isBackward = action !== "acknowledge" && action !== "resolve";
    const undo = async () => {
      const made = await takeBackAll(action as "acknowledge" | "resolve", changed.map((each) => each.id));
      if (made) onJob(made.id);
    };
    const canUndo = !isBackward && changed.length > 0 && (action === "acknowledge" || changed.every((each) => each.status === "firing"));
    toast.done(`${job.done} of ${job.total} ${DONE[action] ?? action}`, canUndo ? () => void undo() : undefined);
    // Only the end of a job that was seen to run counts, not what later renders bring.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [job?.id, job?.finished_at]);
}

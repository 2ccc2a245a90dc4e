/** How far a bulk job is, and which alerts refused, and why. The job's id is in the URL, so a reload shows it again. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useEffect, useRef } from "react";

import type { Alert } from "@/alerts/list/queries";
import { queries } from "@/api/queries";
import { WithTimes } from "@/time/time";
import { IconButton } from "@/ui/button";
import { Loaded } from "@/ui/panel";

import { jobQuery } from "./job";
import { saidOfJob, type BulkJob } from "./words";

interface BulkProgressProps {
  jobId: string;
  alerts: ReadonlyMap<string, Alert>;
  /** Told once, when a job that was seen running is over. */
  onOver: (job: BulkJob) => void;
  onClose: () => void;
}

export function BulkProgress({ jobId, alerts, onOver, onClose }: BulkProgressProps) {
  const query = useQuery(jobQuery(jobId));
  const over = useRef<string | null>(null);
  const job = query.data;
  useEffect(() => {
    if (!job?.finished_at || over.current === job.id) return;
    over.current = job.id;
    void queries.invalidateQueries({ queryKey: ["alert"] });
    onOver(job);
  }, [job, onOver]);
  return (
    <section aria-label="Bulk job" className="relative rounded-lg border border-control bg-card p-3 pr-12">
      <IconButton label="Close the bulk job" icon={<X size={16} />} className="absolute top-1.5 right-1.5" onClick={onClose} />
      <Loaded query={query} what="The bulk job" lines={1}>
        {(known) => (
          <div className="grid gap-2">
            <p role="status" className="font-medium">
              {known.finished_at ? saidOfJob(known) : `${(known.done + known.failed).toLocaleString("en-GB")} of ${known.total.toLocaleString("en-GB")} done${known.failed ? `, ${known.failed} refused` : ""}`}
            </p>
            {!known.finished_at && <progress className="h-2 w-full accent-(--accent)" max={Math.max(known.total, 1)} value={known.done + known.failed} aria-label="Progress of the bulk job" />}
            {known.failures.length > 0 && <Failures job={known} alerts={alerts} />}
          </div>
        )}
      </Loaded>
    </section>
  );
}

function Failures({ job, alerts }: { job: BulkJob; alerts: ReadonlyMap<string, Alert> }) {
  const cache = useQueryClient();
  const titleOf = (id: string) => alerts.get(id)?.title ?? cache.getQueryData<Alert>(["alert", id])?.title ?? id;
  return (
    <details open={job.failures.length <= 5}>
      <summary className="min-h-7 text-danger">Which refused, and why</summary>
      <ul tabIndex={0} aria-label="Alerts that refused" className="mt-1 grid max-h-56 gap-1 overflow-y-auto">
        {job.failures.map((each) => (
          <li key={each.alert_id} className="wrap-anywhere">
            <Link to="/alerts/$alertId" params={{ alertId: each.alert_id }} className="link font-mono text-xs">
              {titleOf(each.alert_id)}
            </Link>
            <span className="text-muted">: <WithTimes text={each.reason} /></span>
          </li>
        ))}
      </ul>
    </details>
  );
}

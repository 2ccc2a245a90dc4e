/** Bulk jobs: one thing done to many alerts by the server, and how far it is. */
import { queryOptions } from "@tanstack/react-query";

import { client, read, type Schema } from "@/api/client";

import { wantedOf, type AlertFilter } from "./list-search";
import type { Alert } from "./list-queries";
import type { Selection } from "./selection";

export type BulkJob = Schema["BulkJob"];
type Request = Schema["BulkRequest"];

export interface BulkCommand {
  action: Request["action"];
  arguments?: Request["arguments"];
}

const POLL_MS = 600;

/** Runs over the ids, or over what the filter lets through when the server begins. */
export function startJob(command: BulkCommand, selection: Selection, filter: AlertFilter): Promise<BulkJob> {
  // A field of the filter that is absent asks for nothing.
  const target = selection.kind === "all" ? { ids: null, filter: wantedOf(filter) as Request["filter"] } : { ids: [...selection.ids], filter: null };
  const header = { "Idempotency-Key": crypto.randomUUID() };
  return read(client.POST("/api/v1/alerts/bulk", { params: { header }, body: { arguments: {}, ...command, ...target } }));
}

export function jobQuery(id: string) {
  return queryOptions({
    queryKey: ["bulk", id],
    queryFn: ({ signal }) => read(client.GET("/api/v1/alerts/bulk/{job_id}", { params: { path: { job_id: id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.finished_at ? false : POLL_MS),
  });
}

/** What takes a job back, for the alerts that it changed: those that were otherwise before and did not refuse. Pure. */
export function wayBackOf(command: BulkCommand, before: readonly Alert[], failures: BulkJob["failures"]): { command: BulkCommand; ids: string[] } | null {
  const refused = new Set(failures.map((each) => each.alert_id));
  const ids = (wasOther: (alert: Alert) => boolean) => before.filter((alert) => !refused.has(alert.id) && wasOther(alert)).map((alert) => alert.id);
  if (command.action === "acknowledge") return orNull({ action: "unacknowledge" }, ids((alert) => alert.status === "firing"));
  if (command.action === "resolve") return orNull({ action: "reopen" }, ids((alert) => alert.status === "firing"));
  return null;
}

function orNull(command: BulkCommand, ids: string[]) {
  return ids.length ? { command, ids } : null;
}

const DONE: Record<Request["action"], string> = {
  acknowledge: "acknowledged",
  assign: "assigned",
  comment: "commented on",
  escalate: "escalated",
  investigate: "being investigated",
  reopen: "reopened",
  resolve: "resolved",
  snooze: "snoozed",
  unacknowledge: "given back",
};

/** `38 of 40 acknowledged, 2 refused`. Pure. */
export function saidOfJob(job: Pick<BulkJob, "action" | "total" | "done" | "failed" | "finished_at">): string {
  const verb = DONE[job.action as Request["action"]] ?? "done";
  if (job.total === 0) return "There was nothing to do: no alert fits any more";
  const refused = job.failed ? `, ${job.failed.toLocaleString("en-GB")} refused` : "";
  return `${job.done.toLocaleString("en-GB")} of ${job.total.toLocaleString("en-GB")} ${verb}${refused}`;
}

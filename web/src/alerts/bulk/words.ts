/** Bulk jobs in words, and what takes them back. Pure. */
import type { Alert } from "@/alerts/list/queries";
import type { Schema } from "@/api/client";

export type BulkJob = Schema["BulkJob"];
export type BulkRequest = Schema["BulkRequest"];

export interface BulkCommand {
  action: BulkRequest["action"];
  arguments?: BulkRequest["arguments"];
}

/** What takes a job back, for the alerts that it changed: those that were otherwise before and did not refuse. */
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

const DONE: Record<BulkRequest["action"], string> = {
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

/** `38 of 40 acknowledged, 2 refused`. */
export function saidOfJob(job: Pick<BulkJob, "action" | "total" | "done" | "failed" | "finished_at">): string {
  const verb = DONE[job.action as BulkRequest["action"]] ?? "done";
  if (job.total === 0) return "There was nothing to do: no alert fits any more";
  const refused = job.failed ? `, ${job.failed.toLocaleString("en-GB")} refused` : "";
  return `${job.done.toLocaleString("en-GB")} of ${job.total.toLocaleString("en-GB")} ${verb}${refused}`;
}

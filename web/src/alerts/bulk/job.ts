/** Bulk jobs: one thing done to many alerts by the server, and how far it is. */
import { queryOptions } from "@tanstack/react-query";

import { wantedOf, type AlertFilter } from "@/alerts/filter/search";
import { client, read } from "@/api/client";

import type { Selection } from "./selection";
import type { BulkCommand, BulkJob, BulkRequest } from "./words";

const POLL_MS = 600;

/** Runs over the ids, or over what the filter lets through when the server begins. */
export function startJob(command: BulkCommand, selection: Selection, filter: AlertFilter): Promise<BulkJob> {
  // A field of the filter that is absent asks for nothing.
  const target = selection.kind === "all" ? { ids: null, filter: wantedOf(filter) as BulkRequest["filter"] } : { ids: [...selection.ids], filter: null };
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

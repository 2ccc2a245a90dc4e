/** One change for every open alert of a group: the server works through them, and the lead keeps its place in the order. */
import { useMutation } from "@tanstack/react-query";

import { client, read, type Schema } from "@/api/client";
import { queries } from "@/api/queries";
import { toast } from "@/ui/toast";

type Job = Schema["BulkJob"];

export type GroupCommand = { verb: "acknowledge" } | { verb: "resolve"; resolution: string | null };

/** `onJob` gets the job, whose progress is asked for by its id. */
export function useGroupActions(groupId: string, onJob: (job: Job) => void) {
  const path = { group_id: groupId };
  return useMutation({
    mutationFn: (command: GroupCommand) =>
      command.verb === "acknowledge"
        ? read(client.PATCH("/api/v1/groups/{group_id}/acknowledge", { params: { path } }))
        : read(client.PATCH("/api/v1/groups/{group_id}/resolve", { params: { path }, body: { resolution: command.resolution } })),
    onSuccess: onJob,
    onError: (error) => toast.failed(`The group was not changed: ${error.message}`),
  });
}

const BACK = { acknowledge: "unacknowledge", resolve: "reopen" } as const;

/** Takes back what was done to these alerts, by the opposing change to each. */
export async function takeBackAll(verb: GroupCommand["verb"], ids: readonly string[]): Promise<Job | null> {
  try {
    return await read(client.POST("/api/v1/alerts/bulk", { params: { header: { "Idempotency-Key": crypto.randomUUID() } }, body: { action: BACK[verb], arguments: {}, ids: [...ids], filter: null } }));
  } catch (error) {
    toast.failed(`Not taken back: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** Once a job is over, everything that shows the group or its alerts is asked for anew. */
export function refreshAfterJob(): void {
  void queries.invalidateQueries({ queryKey: ["alert"] });
  void queries.invalidateQueries({ queryKey: ["group"] });
}

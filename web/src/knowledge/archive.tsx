import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";

import { client, Problem, read } from "@/api/client";
import { Confirm } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { toast } from "@/ui/toast";

import { contentOf } from "./form-values";
import type { Incident } from "./queries";

/** Takes an entry away. What refers to it keeps it as archived; both can be undone. */
export function ArchiveDialog({ incident, etag, onClose }: { incident: Incident; etag: string | null; onClose: () => void }) {
  const cache = useQueryClient();
  const router = useRouter();
  const told = () => cache.invalidateQueries({ queryKey: ["incident"] });
  const back = async (outcome: "archived" | "deleted") => {
    try {
      const body = contentOf(incident);
      const restored =
        outcome === "archived"
          ? await read(client.PUT("/api/v1/incidents/{incident_id}", { params: { path: { incident_id: incident.id } }, body }))
          : await read(client.POST("/api/v1/incidents", { body }));
      await told();
      await router.navigate({ to: "/incidents/$incidentId", params: { incidentId: restored.id }, search: {} });
    } catch (error) {
      toast.failed(`"${incident.title}" could not be brought back. ${error instanceof Error ? error.message : ""}`);
    }
  };
  const remove = useMutation({
    mutationFn: () => read(client.DELETE("/api/v1/incidents/{incident_id}", { params: { path: { incident_id: incident.id }, header: { "If-Match": etag ?? undefined } } })),
    onSuccess: async ({ outcome }) => {
      onClose();
      await router.navigate({ to: "/incidents", search: {} });
      await told();
      toast.done(`"${incident.title}" is ${outcome}.`, () => void back(outcome));
    },
    onError: (error) => {
      if (error instanceof Problem && error.status === 412) void told();
    },
  });
  const error = remove.error instanceof Problem && remove.error.status === 412 ? new Error("Somebody changed this entry meanwhile. The newest is shown now; look at it, then decide again.") : remove.error;
  return (
    <Confirm isOpen onClose={onClose} onConfirm={() => remove.mutate()} title={`Take away "${incident.title}"?`} action="Take away" isDanger isBusy={remove.isPending}>
      <div className="grid gap-3">
        <p>No alert finds it any more. When alerts or statistics refer to it, it is archived and stays under its address; else it is deleted.</p>
        <FormError error={error} />
      </div>
    </Confirm>
  );
}

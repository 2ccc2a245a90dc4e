import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { client, Problem, read, type Schema } from "@/api/client";
import { queries } from "@/api/queries";
import { Button } from "@/ui/button";
import { Confirm, Dialog, DialogButtons } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { toast } from "@/ui/toast";

import { Uses } from "./ladder";

interface ArchiveProps {
  policy: Schema["PolicyDetail"];
  etag: string | null;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks first; a policy that something uses cannot go, and the dialog says what that is. */
export function Archive({ policy, etag, isOpen, onClose }: ArchiveProps) {
  const navigate = useNavigate();
  const archive = useMutation({
    mutationFn: () => read(client.DELETE("/api/v1/policies/{policy_id}", { params: { path: { policy_id: policy.id }, header: { "If-Match": etag ?? undefined } } })),
    onSuccess: async ({ outcome }) => {
      toast.done(outcome === "deleted" ? `${policy.name} is deleted: no alert ever ran under it.` : `${policy.name} is archived. Alerts that run under it go on.`);
      await navigate({ to: "/policies" });
      queries.removeQueries({ queryKey: ["policy", "one", policy.id] });
      void queries.invalidateQueries({ queryKey: ["policy"] });
    },
    onError: () => void queries.invalidateQueries({ queryKey: ["policy", "one", policy.id] }),
  });
  const close = () => {
    archive.reset();
    onClose();
  };
  if (policy.used_by.length > 0)
    return (
      <Dialog isOpen={isOpen} onClose={close} title={`${policy.name} is in use`} lead="It cannot be archived while something escalates by it. Give these another policy first:">
        <Uses uses={policy.used_by} />
        <DialogButtons>
          <Button onClick={close}>Close</Button>
        </DialogButtons>
      </Dialog>
    );
  return (
    <Confirm isOpen={isOpen} onClose={close} onConfirm={() => archive.mutate()} isBusy={archive.isPending} title={`Archive ${policy.name}?`} action="Archive policy" isDanger>
      <p>Nothing uses it. It leaves the list, takes no more changes, and cannot be brought back; alerts that run under it go on.</p>
      <FormError error={archive.error instanceof Problem && archive.error.status === 412 ? new Error("Somebody else changed it meanwhile. Look at the newest, and ask again.") : archive.error} />
    </Confirm>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Problem } from "@/api/client";
import { Confirm } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { toast } from "@/ui/toast";

interface RemoveDialogProps {
  title: string;
  action: string;
  /** What it does and what it leaves. */
  children: ReactNode;
  remove: () => Promise<unknown>;
  /** The noun that the cache must ask for anew. */
  noun: string;
  done: string;
  onClose: () => void;
}

/** Asks, deletes, and tells when somebody changed the thing meanwhile or something still needs it. */
export function RemoveDialog({ title, action, children, remove, noun, done, onClose }: RemoveDialogProps) {
  const cache = useQueryClient();
  const run = useMutation({
    mutationFn: remove,
    onSuccess: async () => {
      onClose();
      toast.done(done);
      await cache.invalidateQueries({ queryKey: [noun] });
    },
    onError: (error) => {
      if (error instanceof Problem && error.status === 412) void cache.invalidateQueries({ queryKey: [noun] });
    },
  });
  const error = run.error instanceof Problem && run.error.status === 412 ? new Error("Somebody changed it meanwhile. The newest is shown behind this; close, look, then decide again.") : run.error;
  return (
    <Confirm isOpen onClose={onClose} onConfirm={() => run.mutate()} title={title} action={action} isDanger isBusy={run.isPending}>
      <div className="grid gap-3">
        {children}
        <FormError error={error} />
      </div>
    </Confirm>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { Problem } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { CheckField, FormError, TextField } from "@/ui/field";
import { toast } from "@/ui/toast";

import { createView, updateView, viewsQuery, type SavedView } from "./views-queries";

interface ViewDialogProps {
  query: SavedView["query"];
  /** The one that is renamed; without it a new one is made. */
  view?: SavedView;
  onClose: () => void;
}

/** A view's name, who sees it, and whether it is heard. */
export function ViewDialog({ query, view, onClose }: ViewDialogProps) {
  const me = useMe();
  const cache = useQueryClient();
  const [seen, setSeen] = useState(view);
  const [name, setName] = useState(view?.name ?? "");
  const [isShared, setShared] = useState(view?.is_shared ?? false);
  const [hasSound, setSound] = useState(view?.has_sound ?? false);
  const save = useMutation({
    mutationFn: () => {
      const content = { name: name.trim(), query, is_shared: isShared, has_sound: hasSound };
      return seen ? updateView(seen, content) : createView(content);
    },
    onSuccess: (saved) => {
      toast.done(`Saved the view “${saved.name}”`);
      onClose();
    },
  });
  const isOld = save.error instanceof Problem && save.error.status === 412;
  const takeNewest = async () => {
    const newest = (await cache.fetchQuery({ ...viewsQuery, staleTime: 0 })).items.find((each) => each.id === view?.id);
    if (newest) setSeen(newest);
    else toast.failed("Somebody deleted this view meanwhile.");
    save.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (seen && seen.name === name.trim() && seen.is_shared === isShared && seen.has_sound === hasSound) onClose();
    else save.mutate();
  };
  const nameError = save.error instanceof Problem ? save.error.fields.find(({ field }) => field.endsWith("name"))?.reason : undefined;
  return (
    <Dialog isOpen onClose={onClose} title={view ? "Change the view" : "Save this view"} lead="A view keeps the filters and the words of the search.">
      <form onSubmit={submit} className="grid gap-4">
        <TextField label="Name" value={name} onChange={(event) => setName(event.target.value)} required maxLength={80} error={nameError} autoFocus />
        <CheckField label="Share with the team" hint={may(me, "engineer") ? "Everybody sees it. You and admins can change it." : "Engineers and above can share views."} disabled={!may(me, "engineer")} checked={isShared} onChange={(event) => setShared(event.target.checked)} />
        <CheckField label="A sound for its new alerts" hint="Heard by those who turned sounds on in their settings, while a page of NightOwl is open." checked={hasSound} onChange={(event) => setSound(event.target.checked)} />
        {isOld ? (
          <div role="alert" className="rounded-md border border-warning p-3">
            <p>Somebody else changed this view meanwhile. What you typed is still here.</p>
            <Button className="mt-2" onClick={() => void takeNewest().catch((error: Error) => toast.failed(error.message))}>
              Go on with the newest
            </Button>
          </div>
        ) : (
          !nameError && <FormError error={save.error} />
        )}
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="ack" type="submit" isBusy={save.isPending} disabled={!name.trim()}>
            Save
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

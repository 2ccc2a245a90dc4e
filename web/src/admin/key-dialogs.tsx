/** What a key can be told beyond its role: how generic payloads are read, and the secret that calls are signed with. */
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { client, read, type Schema } from "@/api/client";
import { queries } from "@/api/queries";
import { Button } from "@/ui/button";
import { Snippet } from "@/ui/copy";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { FormError, TextArea, TextField } from "@/ui/field";
import { toast } from "@/ui/toast";

interface DialogOfKey {
  apiKey: Schema["ApiKey"];
  onClose: () => void;
}

/** `field = expression`, a line each. Pure; throws an Error that names the line. */
export function readMapping(text: string): Record<string, string> {
  const lines = text.split("\n").map((line) => line.trim());
  const pairs = lines.flatMap((line, index) => {
    if (line === "") return [];
    const at = line.indexOf("=");
    if (at < 1) throw new Error(`Line ${index + 1} has no “field = expression”.`);
    return [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
  });
  return Object.fromEntries(pairs);
}

export function MappingDialog({ apiKey, onClose }: DialogOfKey) {
  const [text, setText] = useState(Object.entries(apiKey.mapping).map(([field, expression]) => `${field} = ${expression}`).join("\n"));
  const path = { key_id: apiKey.id };
  const save = useMutation({
    mutationFn: async () => read(client.PUT("/api/v1/api-keys/{key_id}/mapping", { params: { path }, body: { mapping: readMapping(text) } })),
    onSuccess: async () => {
      toast.done("Payloads with this key are read so from now on.");
      onClose();
      await queries.invalidateQueries({ queryKey: ["key"] });
    },
  });
  // Ingest reads payloads and takes keys only, so the trial is a command and not a button.
  const trial = `curl -s ${window.location.origin}/api/v1/webhooks/generic/test -H 'X-API-Key: <the key>' -H 'Content-Type: application/json' -d '{"payload": {"alert": {"name": "Disk full", "level": "high"}}}'`;
  return (
    <Dialog isOpen onClose={onClose} isWide title="How generic payloads are read" lead="A field of the alert and a JMESPath expression on each line. Without any, the payload's own field names count.">
      <div className="grid grid-cols-1 gap-4">
        <TextArea label="Mapping" rows={6} value={text} onChange={(event) => setText(event.target.value)} spellCheck={false} placeholder={"title = alert.name\nseverity = alert.level"} />
        <div>
          <p className="mb-1 font-medium">Try it on a payload; nothing is stored</p>
          <Snippet text={trial} label="Copy the command" />
        </div>
        <FormError error={save.error} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="ack" onClick={() => save.mutate()} isBusy={save.isPending}>
            Save mapping
          </Button>
        </DialogButtons>
      </div>
    </Dialog>
  );
}

export function SigningDialog({ apiKey, onClose }: DialogOfKey) {
  const save = useMutation({
    mutationFn: (secret: string | null) => read(client.PUT("/api/v1/api-keys/{key_id}/webhook-secret", { params: { path: { key_id: apiKey.id } }, body: { secret } })),
    onSuccess: async (_, secret) => {
      toast.done(secret ? "Calls with this key must be signed from now on." : "Calls with this key need no signature any more.");
      onClose();
      await queries.invalidateQueries({ queryKey: ["key"] });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(String(new FormData(event.currentTarget).get("secret")));
  };
  return (
    <Dialog isOpen onClose={onClose} title="Signed calls" lead="A sender that signs its calls proves that nobody changed them on the way. Unsigned ones are refused then.">
      <form onSubmit={submit} className="grid gap-4">
        <TextField label="Shared secret" name="secret" type="password" autoComplete="new-password" required maxLength={200} />
        <FormError error={save.error} />
        <DialogButtons>
          {apiKey.is_signed && (
            <Button look="danger" onClick={() => save.mutate(null)}>
              End signing
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="ack" type="submit" isBusy={save.isPending}>
            Save secret
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { z } from "zod/mini";

import { client, read, readWithTag, type Schema } from "@/api/client";
import { SelectField, TextField } from "@/ui/field";
import { toast } from "@/ui/toast";
import { useEditor } from "@/ui/use-editor";

import { FormDialog } from "./form-dialog";

type Endpoint = Schema["Endpoint"];

const LABELS = { name: "Name", kind: "Kind", url: "Address" };

const address = /^https?:\/\/[^\s@/?#]+(?:[/?#]\S*)?$/u;
const shape = (isNew: boolean) =>
  z.object({
    name: z.string().check(z.refine((value) => value.trim() !== "", "An endpoint needs a name."), z.maxLength(200, "At most 200 characters.")),
    kind: z.enum(["webhook", "mattermost", "teams"]),
    url: z.string().check(z.refine((value) => (!isNew && value === "") || address.test(value), "A whole address that begins with https://.")),
  });

type Values = z.infer<ReturnType<typeof shape>>;

/** The stored address is told to nobody, so a change leaves it alone unless another one is typed. */
function valuesOf({ name, kind }: Endpoint): Values {
  return { name, kind: kind as Values["kind"], url: "" };
}

interface EndpointFormProps {
  endpoint?: Endpoint;
  onClose: () => void;
  /** It is saved; a new webhook has a secret. */
  onMade: (name: string, secret: string | null) => void;
}

export function EndpointForm({ endpoint, onClose, onMade }: EndpointFormProps) {
  const cache = useQueryClient();
  const editor = useEditor<Values, Schema["MadeEndpoint"]>({
    schema: shape(!endpoint),
    first: endpoint ? { values: valuesOf(endpoint), etag: `"${endpoint.revision}"` } : { values: { name: "", kind: "webhook", url: "" }, etag: null },
    isNew: !endpoint,
    labels: LABELS,
    readNewest: async () => {
      const { body, etag } = await readWithTag(client.GET("/api/v1/endpoints/{endpoint_id}", { params: { path: { endpoint_id: endpoint?.id ?? "" } } }));
      return { values: valuesOf(body), etag };
    },
    save: async ({ name, kind, url }, etag) => {
      if (!endpoint) return read(client.POST("/api/v1/endpoints", { body: { name: name.trim(), kind, url } }));
      const changed = await read(client.PUT("/api/v1/endpoints/{endpoint_id}", { params: { path: { endpoint_id: endpoint.id }, header: { "If-Match": etag ?? undefined } }, body: { name: name.trim(), url: url || null } }));
      return { endpoint: changed, secret: null };
    },
    onSaved: async ({ endpoint: saved, secret }) => {
      onMade(saved.name, secret);
      toast.done(`${saved.name} is ${endpoint ? "saved" : "added"}.`);
      await cache.invalidateQueries({ queryKey: ["endpoint"] });
    },
    onUntouched: onClose,
  });
  const { register, formState } = editor.form;
  const field = (name: keyof Values) => ({ ...register(name), label: LABELS[name], error: formState.errors[name]?.message });
  return (
    <FormDialog title={endpoint ? `Change ${endpoint.name}` : "New endpoint"} action={endpoint ? "Save endpoint" : "Add endpoint"} onClose={onClose} {...editor}>
      <div className="grid gap-4 sm:grid-cols-3">
        <TextField {...field("name")} className="sm:col-span-2" maxLength={200} />
        {!endpoint && (
          <SelectField {...field("kind")} hint="It never changes.">
            <option value="webhook">Webhook</option>
            <option value="mattermost">Mattermost</option>
            <option value="teams">Teams</option>
          </SelectField>
        )}
        <TextField {...field("url")} type="url" inputMode="url" autoComplete="off" spellCheck={false} className="sm:col-span-3" placeholder={endpoint ? `${endpoint.origin}/…` : "https://"} hint={endpoint ? "Leave it empty to keep the stored address, which nobody can read back." : "Public, and over https, unless the operator lists its host. Its path is kept secret."} />
      </div>
    </FormDialog>
  );
}

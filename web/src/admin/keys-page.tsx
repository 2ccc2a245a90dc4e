import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { SendAlert } from "@/alerts/send-alert";
import { client, read, type Schema } from "@/api/client";
import { itemsOf, pages, totalOf } from "@/api/pages";
import { queries } from "@/api/queries";
import { may, useMe, type Role } from "@/session/me";
import { instantOf } from "@/time/local-input";
import { Absolute, Ago } from "@/time/time";
import { localZone } from "@/time/words";
import { Button } from "@/ui/button";
import { Confirm, Dialog, DialogButtons } from "@/ui/dialog";
import { FormError, SelectField, TextField } from "@/ui/field";
import { Menu, MenuItem } from "@/ui/menu";
import { More } from "@/ui/more";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { SecretOnce } from "@/ui/secret";
import { Pill } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";
import { toast } from "@/ui/toast";

import { KeyDrawing } from "./drawings";
import { AdminFrame } from "./frame";
import { MappingDialog, SigningDialog } from "./key-dialogs";

type Key = Schema["ApiKey"];

const ROLES: readonly Role[] = ["readonly", "engineer", "manager", "admin"];

export default function KeysPage() {
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<Schema["CreatedKey"] | null>(null);
  const keys = useInfiniteQuery(pages(["key", "list"], (cursor) => read(client.GET("/api/v1/api-keys", { params: { query: { limit: 100, ...(cursor ? { cursor } : {}) } } }))));
  const make = (
    <Button look="ack" onClick={() => setMaking(true)}>
      New key
    </Button>
  );
  return (
    <AdminFrame
      title="API keys"
      lead="For programs that send alerts or call the API. Personal tokens are in everybody's own settings."
      actions={make}
    >
      <Panel title="Keys">
        <Loaded query={keys} what="The keys" isEmpty={(data) => itemsOf(data).length === 0} empty={
            <Empty title="No keys yet" drawing={<KeyDrawing />} action={make}>
              <p className="mb-3">A monitoring system needs one to send its alerts, as this does:</p>
              <SendAlert />
            </Empty>
          }>
          {(data) => (
            <>
              <Table caption="API keys">
                <thead>
                  <tr>
                    <Th>Key</Th>
                    <Th>For</Th>
                    <Th>May</Th>
                    <Th>Last used</Th>
                    <Th>Ends</Th>
                    <Th>
                      <span className="sr-only">Actions</span>
                    </Th>
                  </tr>
                </thead>
                <tbody>
                  {itemsOf(data).map((key) => (
                    <KeyRow key={key.id} apiKey={key} />
                  ))}
                </tbody>
              </Table>
              <More query={keys} shown={itemsOf(data).length} total={totalOf(data)} />
            </>
          )}
        </Loaded>
      </Panel>
      <NewKey isOpen={isMaking} onClose={() => setMaking(false)} onMade={setMade} />
      <SecretOnce title="The new key" secrets={made && [["API key", made.key]]} onClose={() => setMade(null)} />
    </AdminFrame>
  );
}

function KeyRow({ apiKey }: { apiKey: Key }) {
  const [open, setOpen] = useState<"revoke" | "mapping" | "signing" | null>(null);
  const close = () => setOpen(null);
  const revoke = useMutation({
    mutationFn: () => read(client.DELETE("/api/v1/api-keys/{key_id}", { params: { path: { key_id: apiKey.id } } })),
    onSuccess: () => toast.done("The key is revoked. It stops working everywhere within 5 seconds."),
    onError: (error) => toast.failed(`The key is not revoked: ${error.message}`),
    onSettled: () => {
      close();
      return queries.invalidateQueries({ queryKey: ["key"] });
    },
  });
  return (
    <tr>
      <Td>
        <code className="font-mono">{apiKey.prefix}…</code>
      </Td>
      <Td className="wrap-anywhere">{apiKey.description}</Td>
      <Td>
        <span className="flex flex-wrap gap-1">
          <Pill>{apiKey.scope === "ingest" ? "send alerts" : apiKey.role}</Pill>
          {apiKey.is_signed && <Pill>signed</Pill>}
          {apiKey.user_id && <Pill>personal</Pill>}
          {Object.keys(apiKey.mapping).length > 0 && <Pill>mapping</Pill>}
        </span>
      </Td>
      <Td>{apiKey.last_used_at ? <Ago at={apiKey.last_used_at} /> : <span className="text-muted">never</span>}</Td>
      <Td>{apiKey.expires_at ? <Absolute at={apiKey.expires_at} /> : <span className="text-muted">never</span>}</Td>
      <Td className="text-right">
        <Menu trigger={<Button look="quiet" aria-label={`Actions for ${apiKey.description}`}>…</Button>}>
          <MenuItem onSelect={() => setOpen("mapping")}>How generic payloads are read</MenuItem>
          <MenuItem onSelect={() => setOpen("signing")}>{apiKey.is_signed ? "Change or end signing" : "Have calls signed"}</MenuItem>
          <MenuItem isDanger onSelect={() => setOpen("revoke")}>
            Revoke
          </MenuItem>
        </Menu>
        <Confirm isOpen={open === "revoke"} onClose={close} onConfirm={() => revoke.mutate()} isBusy={revoke.isPending} isDanger title="Revoke this key?" action="Revoke key">
          What sends alerts with {apiKey.description} is refused from then on. A revoked key does not come back.
        </Confirm>
        {open === "mapping" && <MappingDialog apiKey={apiKey} onClose={close} />}
        {open === "signing" && <SigningDialog apiKey={apiKey} onClose={close} />}
      </Td>
    </tr>
  );
}

function NewKey({ isOpen, onClose, onMade }: { isOpen: boolean; onClose: () => void; onMade: (key: Schema["CreatedKey"]) => void }) {
  const me = useMe();
  const [scope, setScope] = useState<"ingest" | "full">("ingest");
  const make = useMutation({
    mutationFn: (form: FormData) => {
      const ends = String(form.get("expires_at"));
      return read(
        client.POST("/api/v1/api-keys", {
          body: {
            description: String(form.get("description")),
            scope,
            role: scope === "full" ? (String(form.get("role")) as Role) : null,
            user_id: null,
            expires_at: instantOf(ends),
          },
        }),
      );
    },
    onSuccess: async (key) => {
      onClose();
      onMade(key);
      await queries.invalidateQueries({ queryKey: ["key"] });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    make.mutate(new FormData(event.currentTarget));
  };
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="New API key" lead="It is shown once.">
      <form onSubmit={submit} className="grid gap-4">
        <TextField label="What is it for?" name="description" required maxLength={200} placeholder="Alertmanager, cluster eu-1" />
        <SelectField label="What may it do?" value={scope} onChange={(event) => setScope(event.target.value as typeof scope)}>
          <option value="ingest">Send alerts and heartbeats, nothing else</option>
          <option value="full">Call the API</option>
        </SelectField>
        {scope === "full" && (
          <SelectField label="Role" name="role" defaultValue="engineer">
            {ROLES.filter((role) => may(me, role)).map((role) => (
              <option key={role}>{role}</option>
            ))}
          </SelectField>
        )}
        <TextField label="Ends" name="expires_at" type="datetime-local" hint={`${localZone}. Empty: it works until it is revoked.`} />
        <FormError error={make.error} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="ack" type="submit" isBusy={make.isPending}>
            Make key
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

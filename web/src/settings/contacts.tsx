/** Where somebody is reached, with a test page for each address. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { contactsQuery } from "@/admin/reach";
import { client, Problem, read, type Schema } from "@/api/client";
import { queries } from "@/api/queries";
import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { Button } from "@/ui/button";
import { Confirm, Dialog, DialogButtons } from "@/ui/dialog";
import { CheckField, FormError, SelectField, TextField } from "@/ui/field";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Pill } from "@/ui/severity";
import { toast } from "@/ui/toast";

import { TestPages } from "./test-pages";

type Method = Schema["ContactMethod"];
type Kind = Method["kind"];
/** Of these people write the address; a browser tells its own. */
type WrittenKind = Schema["ContactContent"]["kind"];

export const KINDS: Record<Kind, string> = { slack_dm: "Slack", phone: "Phone call", sms: "SMS", email: "Mail", push: "Browser" };
const ADDRESS_HINTS: Record<WrittenKind, string> = { slack_dm: "The Slack user's id, for example U0123ABCD.", phone: "With the country's code: +491701234567.", sms: "With the country's code: +491701234567.", email: "A mail address." };

export function Contacts({ userId }: { userId: string }) {
  const [isAdding, setAdding] = useState(false);
  const contacts = useQuery(contactsQuery(userId));
  return (
    <Panel
      title="Addresses"
      actions={
        <Button look="ack" onClick={() => setAdding(true)}>
          Add an address
        </Button>
      }
    >
      <p className="mb-3 max-w-prose text-muted">Only verified addresses are paged. Send yourself a test page; when it arrives, a manager marks the address as verified.</p>
      <Loaded query={contacts} what="Your addresses" isEmpty={(data) => data.items.length === 0} empty={<Empty title="Nobody can reach you yet">Add the phone that lies beside your bed.</Empty>}>
        {(data) => (
          <ul className="divide-y">
            {data.items.map((method) => (
              <Row key={method.id} userId={userId} method={method} />
            ))}
          </ul>
        )}
      </Loaded>
      {isAdding && <AddDialog userId={userId} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function Row({ userId, method }: { userId: string; method: Method }) {
  const isManager = may(useMe(), "manager");
  const [isRemoving, setRemoving] = useState(false);
  const params = { path: { user_id: userId, method_id: method.id } };
  const header = { "If-Match": `"${method.revision}"` };
  const refresh = () => queries.invalidateQueries({ queryKey: ["user", userId, "contacts"], exact: true });
  const remove = useMutation({
    mutationFn: () => read(client.DELETE("/api/v1/users/{user_id}/contact-methods/{method_id}", { params: { ...params, header } })),
    onSuccess: () => toast.done("The address is gone."),
    onError: (error) => toast.failed(error.message),
    onSettled: () => {
      setRemoving(false);
      return refresh();
    },
  });
  const verify = useMutation({
    mutationFn: () =>
      read(
        client.PUT("/api/v1/users/{user_id}/contact-methods/{method_id}", {
          params: { ...params, header },
          body: { kind: method.kind as WrittenKind, address: method.address, position: method.position, is_verified: true },
        }),
      ),
    onSuccess: () => toast.done("The address is verified and is paged from now on."),
    onError: (error) => toast.failed(error.message),
    onSettled: refresh,
  });
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 py-2">
      <p className="font-medium">
        {KINDS[method.kind]} {method.browser_name ?? ""} <span className="font-mono text-sm font-normal wrap-anywhere">{method.address}</span>
      </p>
      {method.is_verified ? <Pill className="border-ok text-ok">verified</Pill> : <Pill className="border-warning text-warning">{method.kind === "push" ? "ended" : "not verified"}</Pill>}
      <div className="col-span-2 flex flex-wrap items-center justify-between gap-x-4">
        {method.gone_at ? (
          <p className="text-warning">
            Its push service gave it up <Ago at={method.gone_at} />. Turn it on again in that browser, or remove it.
          </p>
        ) : (
          <TestPages userId={userId} method={method} />
        )}
        <div className="ml-auto flex flex-wrap justify-end gap-2">
          {!method.is_verified && method.kind !== "push" && isManager && (
            <Button onClick={() => verify.mutate()} isBusy={verify.isPending}>
              Mark as verified
            </Button>
          )}
          <Button look="quiet" className="-mr-3" onClick={() => setRemoving(true)} aria-label={`Remove ${method.address}`}>
            Remove
          </Button>
        </div>
      </div>
      <Confirm isOpen={isRemoving} onClose={() => setRemoving(false)} onConfirm={() => remove.mutate()} isBusy={remove.isPending} isDanger title="Remove this address?" action="Remove">
        {method.address} is not paged any more.
      </Confirm>
    </li>
  );
}

function AddDialog({ userId, onClose }: { userId: string; onClose: () => void }) {
  const isManager = may(useMe(), "manager");
  const [kind, setKind] = useState<WrittenKind>("phone");
  const add = useMutation({
    mutationFn: (form: FormData) =>
      read(
        client.POST("/api/v1/users/{user_id}/contact-methods", {
          params: { path: { user_id: userId } },
          body: { kind, address: String(form.get("address")).trim(), position: 0, is_verified: form.get("is_verified") ? true : null },
        }),
      ),
    onSuccess: async () => {
      toast.done("Added. Send a test page to see that it arrives.");
      onClose();
      await queries.invalidateQueries({ queryKey: ["user", userId, "contacts"] });
    },
  });
  const wrong = add.error instanceof Problem ? add.error.fields.find((each) => each.field.includes("address"))?.reason : undefined;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    add.mutate(new FormData(event.currentTarget));
  };
  return (
    <Dialog isOpen onClose={onClose} title="Add an address">
      <form onSubmit={submit} className="grid gap-4">
        <SelectField label="Way" value={kind} onChange={(event) => setKind(event.target.value as WrittenKind)}>
          {(Object.keys(ADDRESS_HINTS) as WrittenKind[]).map((each) => (
            <option key={each} value={each}>
              {KINDS[each]}
            </option>
          ))}
        </SelectField>
        <TextField label="Address" name="address" required hint={ADDRESS_HINTS[kind]} error={wrong} autoComplete="off" />
        {isManager && <CheckField label="It is verified" name="is_verified" hint="You know that this address is theirs." />}
        {!wrong && <FormError error={add.error} />}
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="ack" type="submit" isBusy={add.isPending}>
            Add
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

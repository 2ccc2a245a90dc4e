/** The tenant's own account at a provider: what is set, its change, its removal, and a test that asks the provider. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { client, Problem, read, type Schema } from "@/api/client";
import { queries } from "@/api/queries";
import { may, useMe } from "@/session/me";
import { Absolute } from "@/time/time";
import { Button } from "@/ui/button";
import { Confirm, Dialog, DialogButtons } from "@/ui/dialog";
import { FormError, SelectField, TextField } from "@/ui/field";
import { Loaded, Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";

interface FieldOf {
  name: string;
  label: string;
  hint?: string;
  isSecret?: boolean;
  isOptional?: boolean;
  isNumber?: boolean;
  choices?: readonly string[];
}

export interface Provider {
  name: "slack" | "twilio" | "smtp";
  title: string;
  without: string;
  fields: readonly FieldOf[];
}

export const PROVIDERS: readonly Provider[] = [
  {
    name: "slack",
    title: "Slack",
    without: "The installation's Slack app is used, if it has one.",
    fields: [
      { name: "team_id", label: "Workspace id", hint: "Begins with T." },
      { name: "bot_token", label: "Bot token", hint: "Begins with xoxb-.", isSecret: true },
      { name: "signing_secret", label: "Signing secret", isSecret: true },
    ],
  },
  {
    name: "twilio",
    title: "Twilio",
    without: "The installation's account is used, if it has one.",
    fields: [
      { name: "account_sid", label: "Account SID" },
      { name: "auth_token", label: "Auth token", isSecret: true },
      { name: "from_number", label: "From number", hint: "+491701234567" },
      { name: "second_number", label: "Second number", hint: "Takes over where the first is refused.", isOptional: true },
    ],
  },
  {
    name: "smtp",
    title: "Mail",
    without: "The installation's mail server is used, if it has one.",
    fields: [
      { name: "host", label: "Server" },
      { name: "port", label: "Port", isNumber: true },
      { name: "security", label: "Security", choices: ["starttls", "tls", "none"] },
      { name: "username", label: "User name", isOptional: true },
      { name: "password", label: "Password", isSecret: true, isOptional: true },
      { name: "from_address", label: "From" },
    ],
  },
];

type State = Schema["ProviderState"];

export function ProviderPanel({ provider }: { provider: Provider }) {
  const isAdmin = may(useMe(), "admin");
  const [open, setOpen] = useState<"change" | "remove" | null>(null);
  const path = `/api/v1/admin/config/${provider.name}` as const;
  const state = useQuery({ queryKey: ["config", provider.name], queryFn: () => read(client.GET(path)) });
  const test = useMutation({ mutationFn: () => read(client.POST(`${path}/test` as const)) });
  const remove = useMutation({
    mutationFn: () => read(client.DELETE(path, { params: { header: { "If-Match": `"${state.data?.revision ?? 0}"` } } })),
    onSuccess: () => toast.done(`What was set for ${provider.title} is taken away.`),
    onError: (error) => toast.failed(error.message),
    onSettled: () => {
      setOpen(null);
      return queries.invalidateQueries({ queryKey: ["config", provider.name] });
    },
  });
  return (
    <Panel title={provider.title}>
      <Loaded query={state} what={provider.title}>
        {(data) => (
          <div className="grid gap-3">
            {data.is_set ? <Shown state={data} provider={provider} /> : <p className="text-muted">{provider.without}</p>}
            {isAdmin && (
              <div className="flex flex-wrap gap-2">
                <Button onClick={() => setOpen("change")}>{data.is_set ? "Change" : "Set"}</Button>
                {data.is_set && (
                  <>
                    <Button onClick={() => test.mutate()} isBusy={test.isPending}>
                      Test
                    </Button>
                    <Button look="danger" onClick={() => setOpen("remove")}>
                      Take away
                    </Button>
                  </>
                )}
              </div>
            )}
            {test.data && (
              <p role="status" className={test.data.works ? "text-ok" : "text-danger"}>
                {test.data.works ? "It works" : "It does not work"}: {test.data.said}
              </p>
            )}
            <FormError error={test.error} />
            <Confirm isOpen={open === "remove"} onClose={() => setOpen(null)} onConfirm={() => remove.mutate()} isBusy={remove.isPending} isDanger title={`Take ${provider.title} away?`} action="Take away">
              {provider.without} Secrets are gone; to set them again they must be typed again.
            </Confirm>
            {open === "change" && <ChangeDialog provider={provider} state={data} onClose={() => setOpen(null)} />}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Shown({ state, provider }: { state: State; provider: Provider }) {
  const shown = state.shown as Record<string, unknown>;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
      {provider.fields.map((field) => {
        const end = state.secrets[field.name];
        const value = field.isSecret ? (end === undefined ? null : `•••• ${end}`) : shown[field.name];
        return value === null || value === undefined ? null : (
          <div key={field.name} className="contents">
            <dt className="text-muted">{field.label}</dt>
            <dd className="wrap-anywhere">{String(value)}</dd>
          </div>
        );
      })}
      {state.changed_at && (
        <div className="contents">
          <dt className="text-muted">Changed</dt>
          <dd>
            <Absolute at={state.changed_at} /> {state.changed_by && `by ${state.changed_by.name}`}
          </dd>
        </div>
      )}
    </dl>
  );
}

function ChangeDialog({ provider, state, onClose }: { provider: Provider; state: State; onClose: () => void }) {
  const shown = state.shown as Record<string, unknown>;
  const save = useMutation({
    mutationFn: (form: FormData) => {
      const body = Object.fromEntries(
        provider.fields.flatMap((field): Array<[string, string | number | null]> => {
          const typed = String(form.get(field.name) ?? "");
          if (typed === "") return field.isOptional ? [[field.name, null]] : [];
          return [[field.name, field.isNumber ? Number(typed) : typed]];
        }),
      );
      const path = `/api/v1/admin/config/${provider.name}` as const;
      return read(client.PUT(path, { params: { header: { "If-Match": `"${state.revision}"` } }, body: body as never }));
    },
    onSuccess: async () => {
      toast.done(`${provider.title} is set. Test it before you need it.`);
      onClose();
      await queries.invalidateQueries({ queryKey: ["config", provider.name] });
    },
  });
  const reasons = new Map(save.error instanceof Problem ? save.error.fields.map((each) => [each.field.replace(/^\$\./u, ""), each.reason] as const) : []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget));
  };
  return (
    <Dialog isOpen onClose={onClose} title={provider.title} lead="Secrets are sealed, and never shown again.">
      <form onSubmit={submit} className="grid gap-4">
        {provider.fields.map(({ name, label, hint, isSecret, isOptional, isNumber, choices }) =>
          choices ? (
            <SelectField key={name} label={label} name={name} defaultValue={String(shown[name] ?? choices[0])} error={reasons.get(name)}>
              {choices.map((choice) => (
                <option key={choice}>{choice}</option>
              ))}
            </SelectField>
          ) : (
            <TextField
              key={name}
              label={label}
              name={name}
              hint={isOptional ? (hint ?? "May stay empty.") : hint}
              type={isSecret ? "password" : isNumber ? "number" : "text"}
              autoComplete={isSecret ? "new-password" : "off"}
              defaultValue={isSecret ? "" : isNumber ? String(shown[name] ?? 587) : String(shown[name] ?? "")}
              required={!isOptional}
              error={reasons.get(name)}
            />
          ),
        )}
        <FormError error={save.error} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="ack" type="submit" isBusy={save.isPending}>
            Save
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

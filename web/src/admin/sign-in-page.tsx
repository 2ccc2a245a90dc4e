import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { client, Problem, read, type Schema } from "@/api/client";
import { queries } from "@/api/queries";
import { may, useMe, type Role } from "@/session/me";
import { Button, buttonClass } from "@/ui/button";
import { Snippet } from "@/ui/copy";
import { Confirm } from "@/ui/dialog";
import { CheckField, FormError, SelectField, TextArea, TextField } from "@/ui/field";
import { Loaded, Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";

import { AdminFrame } from "./frame";
import { SignInTrial, TrialButton } from "./sign-in-trial";

type State = Schema["IssuerState"];

const ROLES: readonly Role[] = ["readonly", "engineer", "manager", "admin"];

/** `value = role`, a line each. Pure; throws an Error that names the line. */
export function readRoles(text: string): Record<string, Role> {
  const pairs = text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const at = line.lastIndexOf("=");
    const role = line.slice(at + 1).trim() as Role;
    if (at < 1 || !ROLES.includes(role)) throw new Error(`Roles, line ${index + 1}: write “value = ${ROLES.join(" | ")}”.`);
    return [[line.slice(0, at).trim(), role] as const];
  });
  return Object.fromEntries(pairs);
}

export default function SignInPage() {
  const me = useMe();
  const issuer = useQuery({ queryKey: ["config", "sign-in"], queryFn: () => read(client.GET("/api/v1/admin/sign-in")) });
  return (
    <AdminFrame title="Sign-in" lead="People sign in with their organisation's account (OpenID Connect). Local admins are for the first day, and for the day when nothing else works.">
      <SignInTrial />
      <Panel title="Identity provider of this tenant">
        <Loaded query={issuer} what="The identity provider" lines={6}>
          {(data) => (
            <div className="grid gap-6">
              {!data.is_set && <p className="text-muted">None of its own: the installation's is used, if it has one.</p>}
              {data.redirect_uri ? (
                <div>
                  <p className="mb-1 font-medium">Redirect address, to be registered with the provider</p>
                  <Snippet text={data.redirect_uri} />
                </div>
              ) : (
                <p role="note" className="text-warning">
                  ⚠ The operator has not set a public address (NIGHTOWL_PUBLIC_URL), and without it no provider can send browsers back.
                </p>
              )}
              {may(me, "admin") ? <IssuerForm key={data.revision} state={data} tenant={me.tenant} /> : <p className="text-muted">An admin of the tenant changes this.</p>}
            </div>
          )}
        </Loaded>
      </Panel>
    </AdminFrame>
  );
}

function IssuerForm({ state, tenant }: { state: State; tenant: string }) {
  const [isRemoving, setRemoving] = useState(false);
  const header = { "If-Match": `"${state.revision ?? 0}"` };
  const refresh = () => queries.invalidateQueries({ queryKey: ["config", "sign-in"] });
  const save = useMutation({
    mutationFn: async (form: FormData) => {
      const text = (name: string) => String(form.get(name) ?? "").trim();
      const secret = text("client_secret");
      const body = {
        issuer: text("issuer"),
        client_id: text("client_id"),
        ...(secret ? { client_secret: secret } : {}),
        audience: text("audience") || null,
        role_claim: text("role_claim") || null,
        roles: readRoles(text("roles")),
        default_role: (text("default_role") || null) as Role | null,
        email_domains: text("email_domains").split(/[\s,]+/u).filter(Boolean),
        trusts_email: form.get("trusts_email") !== null,
        creates_users: form.get("creates_users") !== null,
      };
      return read(client.PUT("/api/v1/admin/sign-in", { params: { header }, body }));
    },
    onSuccess: async () => {
      toast.done("The identity provider is set. Try it before you sign out here.");
      await refresh();
    },
  });
  const remove = useMutation({
    mutationFn: () => read(client.DELETE("/api/v1/admin/sign-in", { params: { header } })),
    onSuccess: () => toast.done("The tenant's own identity provider is taken away."),
    onError: (error) => toast.failed(error.message),
    onSettled: () => {
      setRemoving(false);
      return refresh();
    },
  });
  const reasons = new Map(save.error instanceof Problem ? save.error.fields.map((each) => [each.field.replace(/^\$\./u, "").replace(/[[.].*$/u, ""), each.reason] as const) : []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget));
  };
  const roles = Object.entries(state.roles ?? {}).map(([value, role]) => `${value} = ${role}`).join("\n");
  return (
    <form onSubmit={submit} className="grid gap-4 md:grid-cols-2">
      <TextField label="Issuer" name="issuer" type="url" required defaultValue={state.issuer ?? ""} hint="The provider's address, as its discovery document tells it." error={reasons.get("issuer")} />
      <TextField label="Client id" name="client_id" required defaultValue={state.client_id ?? ""} error={reasons.get("client_id")} />
      <TextField label="Client secret" name="client_secret" type="password" autoComplete="new-password" hint={state.secret ? `Set, ends with ${state.secret}. Empty: it stays.` : "Empty for a public client."} error={reasons.get("client_secret")} />
      <TextField label="Audience of access tokens" name="audience" defaultValue={state.audience ?? ""} hint="Empty: JWTs are not taken as bearer tokens." error={reasons.get("audience")} />
      <TextField label="Claim with the roles" name="role_claim" defaultValue={state.role_claim ?? ""} hint="For example: groups" error={reasons.get("role_claim")} />
      <SelectField label="Role of everybody else" name="default_role" defaultValue={state.default_role ?? ""} error={reasons.get("default_role")}>
        <option value="">None: they are refused</option>
        {ROLES.map((role) => (
          <option key={role}>{role}</option>
        ))}
      </SelectField>
      <TextArea label="Roles" name="roles" defaultValue={roles} rows={4} spellCheck={false} hint="A value of the claim = a role, a line each." error={reasons.get("roles")} />
      <TextArea label="E-mail domains" name="email_domains" defaultValue={(state.email_domains ?? []).join("\n")} rows={4} hint="Only addresses of these may come in. Empty: all." error={reasons.get("email_domains")} />
      <CheckField label="Trust its e-mail addresses" name="trusts_email" defaultChecked={state.trusts_email ?? false} hint="Whoever signs in is linked to the person with the same address." />
      <CheckField label="Add people who are new" name="creates_users" defaultChecked={state.creates_users ?? false} hint="Else they must be added first." />
      <div className="flex flex-wrap items-center gap-2 md:col-span-2">
        <Button look="ack" type="submit" isBusy={save.isPending}>
          Save
        </Button>
        {state.is_set && (
          <>
            <TrialButton />
            <a className={buttonClass()} href={`/api/v1/auth/oidc/login?${new URLSearchParams({ tenant, return_to: "/admin/sign-in" })}`}>
              Sign in with it
            </a>
            <Button look="danger" onClick={() => setRemoving(true)}>
              Take away
            </Button>
          </>
        )}
        <FormError error={save.error} />
      </div>
      <Confirm isOpen={isRemoving} onClose={() => setRemoving(false)} onConfirm={() => remove.mutate()} isBusy={remove.isPending} isDanger title="Take the identity provider away?" action="Take away">
        Sessions go on until they end. Nobody signs in with it any more; local admins and the installation's provider still can.
      </Confirm>
    </form>
  );
}

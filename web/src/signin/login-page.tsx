import { useMutation } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";

import { client, read } from "@/api/client";
import { queries } from "@/api/queries";
import { begin } from "@/session/me";
import { meQuery } from "@/session/me-query";
import { Button, buttonClass } from "@/ui/button";
import { FormError, TextField } from "@/ui/field";

import { SigninFrame } from "./frame";
import { safeNext } from "./next";

const REMEMBERED = "nightowl.tenant";

export default function LoginPage() {
  const router = useRouter();
  const { next, error } = useSearch({ from: "/login" });
  const [tenant, setTenant] = useState(localStorage.getItem(REMEMBERED) ?? "");
  const target = safeNext(next, window.location.origin);
  const signIn = useMutation({
    mutationFn: (form: FormData) =>
      read(client.POST("/api/v1/auth/login", { body: { tenant, username: String(form.get("username")), password: String(form.get("password")) } })),
    onSuccess: async (me) => {
      localStorage.setItem(REMEMBERED, tenant);
      begin(me);
      if (me.must_change_password) await router.navigate({ to: "/change-password" });
      else {
        // The answer knows no preferences, and the first page is one. Where this fails, the page that comes asks again, and tells.
        await queries.fetchQuery(meQuery).catch(() => undefined);
        router.history.push(target);
      }
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    signIn.mutate(new FormData(event.currentTarget));
  };
  const provider = `/api/v1/auth/oidc/login?${new URLSearchParams({ tenant, return_to: target })}`;
  return (
    <SigninFrame title="Sign in to NightOwl">
      {error && <FormError error={new Error(error)} />}
      <form onSubmit={submit} className="grid gap-4">
        <TextField label="Tenant" name="tenant" value={tenant} onChange={(event) => setTenant(event.target.value.trim().toLowerCase())} autoComplete="organization" autoCapitalize="none" required pattern="[a-z][a-z0-9_]{0,40}" hint="The short name that your admin told you." />
        <TextField label="User name" name="username" autoComplete="username" autoCapitalize="none" required />
        <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
        <FormError error={signIn.error} />
        <Button look="ack" type="submit" isBusy={signIn.isPending}>
          Sign in
        </Button>
      </form>
      <div className="grid gap-2 border-t pt-4">
        {tenant ? (
          <a className={buttonClass()} href={provider}>
            Sign in with your organisation
          </a>
        ) : (
          <p className="text-muted">To sign in with your organisation, fill in the tenant first.</p>
        )}
      </div>
    </SigninFrame>
  );
}

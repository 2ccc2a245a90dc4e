import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";

import { client, read } from "@/api/client";
import { begin } from "@/session/me";
import { meQuery } from "@/session/me-query";
import { Button } from "@/ui/button";
import { FormError, TextField } from "@/ui/field";

import { SigninFrame } from "./frame";

const SHORTEST = 12;

export default function PasswordPage() {
  const router = useRouter();
  const me = useQuery(meQuery);
  const [chosen, setChosen] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: (current: string) => read(client.POST("/api/v1/auth/password", { body: { current, new: chosen } })),
    onSuccess: async (changed) => {
      begin(changed);
      await router.navigate({ to: "/" });
    },
  });
  const rules: ReadonlyArray<readonly [string, boolean]> = [
    [`At least ${SHORTEST} characters`, [...chosen].length >= SHORTEST],
    ["Not your user name in it", chosen !== "" && !(me.data && chosen.toLowerCase().includes(me.data.name.toLowerCase()))],
    ["The same twice", chosen !== "" && chosen === again],
  ];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate(String(new FormData(event.currentTarget).get("current")));
  };
  return (
    <SigninFrame title="Choose a password">
      {me.data?.must_change_password && <p className="text-muted">The first password opens nothing but this page.</p>}
      <form onSubmit={submit} className="grid gap-4">
        <TextField label="Current password" name="current" type="password" autoComplete="current-password" required />
        <TextField label="New password" type="password" autoComplete="new-password" required value={chosen} onChange={(event) => setChosen(event.target.value)} />
        <TextField label="New password again" type="password" autoComplete="new-password" required value={again} onChange={(event) => setAgain(event.target.value)} />
        <ul className="grid gap-1 text-sm" aria-live="polite">
          {rules.map(([rule, isKept]) => (
            <li key={rule} className={isKept ? "text-ok" : "text-muted"}>
              <span aria-hidden>{isKept ? "✓" : "○"}</span> {rule}
              <span className="sr-only">{isKept ? ": kept" : ": not yet"}</span>
            </li>
          ))}
        </ul>
        <FormError error={change.error} />
        <Button look="ack" type="submit" isBusy={change.isPending} disabled={!rules.every(([, isKept]) => isKept)}>
          Change password
        </Button>
      </form>
    </SigninFrame>
  );
}

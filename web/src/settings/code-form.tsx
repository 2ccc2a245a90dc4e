/** Proving an address of one's own: a code goes there, and is typed in here. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState, type FormEvent } from "react";

import { client, Problem, read } from "@/api/client";
import { useTicking } from "@/time/clock";
import { Ago } from "@/time/time";
import { Button } from "@/ui/button";
import { FormError, TextField } from "@/ui/field";
import { toast } from "@/ui/toast";

import { CODE_DIGITS, codeState, digitsOf, outcomeOf } from "./code";
import { KINDS, WRITTEN, type Method, type WrittenKind } from "./kinds";
import { refreshAddresses, sendCode, testsQuery } from "./queries";

interface CodeProps {
  userId: string;
  method: Method;
}

export function Code({ userId, method }: CodeProps) {
  const tests = useQuery(testsQuery(userId, method.id));
  const newest = tests.data?.items[0];
  const state = useTicking((now) => codeState(newest, method.address, now));
  const { brings } = WRITTEN[method.kind as WrittenKind];
  const send = useMutation({
    mutationFn: () => sendCode(userId, method.id),
    onError: (error) => toast.failed(`No code was sent: ${error.message}`),
    onSettled: () => tests.refetch(),
  });
  if (tests.error && !tests.data) return <p className="text-danger">Codes: {tests.error.message}</p>;
  if (state !== "waiting" || !newest)
    return (
      <div className="flex flex-wrap items-center gap-3">
        <Button look="ack" onClick={() => send.mutate()} isBusy={send.isPending} aria-label={`Verify ${method.address} by ${KINDS[method.kind]}`}>
          Verify
        </Button>
        <span role="status" className={state === "failed" ? "text-danger" : "text-muted"}>
          {state === "failed" && newest ? `No code was sent. ${outcomeOf(newest)}` : brings}
        </span>
      </div>
    );
  return (
    <div className="grid gap-2">
      <p className="text-muted">
        <span role="status">
          {brings} {outcomeOf(newest)}.
        </span>{" "}
        Asked for <Ago at={newest.created_at} />, good for ten minutes.
      </p>
      <TypedCode key={newest.id} userId={userId} method={method} isFocused={send.isSuccess} />
      <button type="button" className="link target justify-self-start" onClick={() => send.mutate()} disabled={send.isPending}>
        Send another code
      </button>
    </div>
  );
}

function TypedCode({ userId, method, isFocused }: CodeProps & { isFocused: boolean }) {
  const [code, setCode] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const verify = useMutation({
    mutationFn: () =>
      read(
        client.POST("/api/v1/users/{user_id}/contact-methods/{method_id}/verify", {
          params: { path: { user_id: userId, method_id: method.id }, header: { "If-Match": `"${method.revision}"` } },
          body: { code },
        }),
      ),
    onSuccess: () => {
      toast.done(`${method.address} is verified and is paged from now on.`);
      form.current?.closest("li")?.focus();
      return refreshAddresses(userId);
    },
    onError: () => setCode(""),
  });
  const wrong = verify.error instanceof Problem ? verify.error.fields[0]?.reason : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    verify.mutate();
  };
  return (
    <form ref={form} onSubmit={submit} className="grid gap-2">
      <div className="flex flex-wrap items-start gap-2">
        <TextField
          label={`Code from ${method.address}`}
          isLabelHidden
          className="w-36"
          inputMode="numeric"
          autoComplete="one-time-code"
          placeholder="6 digits"
          value={code}
          onChange={(event) => setCode(digitsOf(event.target.value))}
          error={wrong && `Wrong: ${wrong}.`}
          autoFocus={isFocused}
        />
        <Button look="ack" type="submit" isBusy={verify.isPending} disabled={code.length < CODE_DIGITS} aria-label={`Verify ${method.address} with this code`}>
          Verify
        </Button>
      </div>
      {!wrong && <FormError error={verify.error} />}
    </form>
  );
}

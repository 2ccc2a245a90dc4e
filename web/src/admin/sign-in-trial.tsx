/** Trying the identity provider: every step of signing in, up to the session, which is not begun. */
import { useMutation } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { CircleAlert, CircleCheck } from "lucide-react";
import { useEffect, useRef } from "react";

import { client, read, type Schema } from "@/api/client";
import { Button } from "@/ui/button";
import { FormError } from "@/ui/field";
import { Panel, Skeleton } from "@/ui/panel";

import { trialAnswerOf } from "./trial-answer";

type Step = Schema["TrialStep"];

const NAMES: Record<Step["step"], string> = { discovery: "Discovery document", answer: "The provider's answer", code: "Code", keys: "Keys and signature", token: "ID token", tenant: "Tenant", person: "Person and role" };

/** Leads to the provider; what comes back is shown by `SignInTrial`. */
export function TrialButton() {
  const begin = useMutation({
    mutationFn: () => read(client.POST("/api/v1/admin/sign-in/trial")),
    onSuccess: ({ location }) => {
      if (location) window.location.assign(location);
    },
  });
  const failed = begin.data?.location === null ? begin.data.steps : [];
  return (
    <>
      <Button onClick={() => begin.mutate()} isBusy={begin.isPending}>
        Try it without signing in
      </Button>
      {failed.length > 0 && <Steps steps={failed} />}
      <FormError error={begin.error} />
    </>
  );
}

/** There when the browser has come back from a trial. Its answer counts once, and leaves the address at once. */
export function SignInTrial() {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate({ from: "/admin/sign-in" });
  const trial = useMutation({ mutationFn: (body: Schema["TrialAnswer"]) => read(client.POST("/api/v1/admin/sign-in/trial/result", { body })) });
  const isSent = useRef(false);
  useEffect(() => {
    const answer = trialAnswerOf(hash);
    if (!answer || isSent.current) return;
    isSent.current = true;
    trial.mutate(answer);
    void navigate({ hash: "", replace: true });
  }, [hash, navigate, trial]);
  if (trial.isIdle) return null;
  return (
    <Panel title="How signing in would have gone">
      {trial.isPending && <Skeleton lines={5} what="The trial" />}
      <FormError error={trial.error} />
      {trial.data && (
        <div className="grid gap-4">
          <p className="text-muted">No session was begun by it, and nobody was added, linked or changed.</p>
          <Steps steps={trial.data.steps} />
          {trial.data.claims && (
            <details>
              <summary className="target w-fit text-muted hover:text-text">The claims of the ID token</summary>
              <pre tabIndex={0} aria-label="The claims of the ID token" className="mt-1 max-h-96 overflow-auto rounded-md border bg-sunken p-3 font-mono text-xs">
                {JSON.stringify(trial.data.claims, null, 2)}
              </pre>
            </details>
          )}
        </div>
      )}
    </Panel>
  );
}

function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className="grid w-full gap-2" role="status">
      {steps.map((step) => (
        <li key={step.step} className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-2">
          {step.is_good ? <CircleCheck size={18} role="img" aria-label="good" className="mt-0.5 text-ok" /> : <CircleAlert size={18} role="img" aria-label="failed" className="mt-0.5 text-danger" />}
          <div className="min-w-0">
            <p className="wrap-anywhere">
              <span className="font-medium">{NAMES[step.step]}:</span> {step.why}
            </p>
            {Object.keys(step.evidence ?? {}).length > 0 && (
              <dl className="grid gap-x-3 text-xs text-muted sm:grid-cols-[auto_minmax(0,1fr)]">
                {Object.entries(step.evidence ?? {}).map(([name, value]) => (
                  <div key={name} className="contents">
                    <dt>{name.replaceAll("_", " ")}</dt>
                    <dd className="font-mono wrap-anywhere">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
                  </div>
                ))}
              </dl>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

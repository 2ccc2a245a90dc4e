/** What an empty tenant still needs before it can page anybody, read from what is there. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";

import { useMe } from "@/session/me";
import { Button } from "@/ui/button";
import { Snippet } from "@/ui/copy";
import { Panel } from "@/ui/panel";

import { setupQuery, type Setup } from "./queries";

type StepName = Exclude<keyof Setup, "is_complete">;

const link = (to: string, words: string) => (
  <Link to={to} className="link">
    {words}
  </Link>
);

/** For a person, and for a sign-in that is nobody to be reached. */
const CONTACT = {
  person: { title: "Verify a way to reach you", how: <>Add a number, a mail address or a chat account, or this very browser. A code goes there; type it in, and pages go there too. {link("/settings", "Your addresses")}</> },
  other: { title: "Verify a way to reach somebody", how: <>Each person signs in and verifies an address under Settings, by a code that goes there. Who is reachable shows under People; behind each name there you can also vouch for an address that you know. {link("/admin/users", "Who is reachable")}</> },
};

const STEPS: ReadonlyArray<{ name: StepName; title: string; how: ReactNode }> = [
  { name: "people", title: "Add people", how: <>Who can be paged. {link("/admin/users", "Add people")}</> },
  { name: "contact", ...CONTACT.other },
  { name: "roster", title: "Make a roster", how: <>Who has the turn, and when. {link("/rosters/new", "Make a roster")}</> },
  { name: "policy", title: "Write a policy", how: <>Whom to page first, and whom after that. {link("/policies/new", "Write a policy")}</> },
  { name: "alert", title: "Send a test alert", how: <TestAlert /> },
  { name: "acknowledged", title: "Acknowledge it on your phone", how: <>Open the page that arrived, or {link("/alerts", "the list of alerts")}, and acknowledge.</> },
];

/** Hidden in this browser, for this tenant. */
const hiddenKey = (tenant: string) => `nightowl.first-run.${tenant}`;

/** At the top until the first alert is there; at the end after that, where it is in nobody's way. */
export function FirstRun({ place }: { place: "top" | "end" }) {
  const { tenant, user_id } = useMe();
  const [isHidden, setHidden] = useState(localStorage.getItem(hiddenKey(tenant)) === "hidden");
  const setup = useQuery({ ...setupQuery, enabled: !isHidden }).data;
  if (isHidden || !setup || setup.is_complete || place !== (setup.alert.is_done ? "end" : "top")) return null;
  const hide = () => {
    localStorage.setItem(hiddenKey(tenant), "hidden");
    setHidden(true);
  };
  const current = STEPS.find(({ name }) => !setup[name].is_done)?.name;
  const done = STEPS.filter(({ name }) => setup[name].is_done).length;
  return (
    <Panel
      title={`Before the first page: ${done} of ${STEPS.length}`}
      actions={
        <Button look="quiet" onClick={hide}>
          Hide
        </Button>
      }
    >
      <ol className="grid gap-3">
        {STEPS.map((step) => (
          <Step key={step.name} {...step} {...(step.name === "contact" && user_id ? CONTACT.person : {})} state={setup[step.name]} isCurrent={step.name === current} />
        ))}
      </ol>
    </Panel>
  );
}

function Step({ title, how, state, isCurrent }: { title: string; how: ReactNode; state: Setup[StepName]; isCurrent: boolean }) {
  return (
    <li className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-2" aria-current={isCurrent ? "step" : undefined}>
      <span aria-hidden className={state.is_done ? "text-ok" : "text-muted"}>
        {state.is_done ? "✓" : "○"}
      </span>
      <div className="grid min-w-0 gap-1">
        <p className={state.is_done ? "text-muted" : "font-medium"}>
          {title}
          <span className="sr-only">{state.is_done ? ": done" : ": not yet"}</span>
          {!state.is_done && state.needed > 1 && (
            <span className="font-normal text-muted">
              {" "}
              ({state.count} of {state.needed})
            </span>
          )}
        </p>
        {!state.is_done && <div className="text-muted">{how}</div>}
      </div>
    </li>
  );
}

function TestAlert() {
  const curl = [
    `curl -X POST ${window.location.origin}/api/v1/webhooks/generic \\`,
    "  -H 'X-API-Key: YOUR_KEY' -H 'Content-Type: application/json' \\",
    `  -d '{"title": "First page", "severity": "critical"}'`,
  ].join("\n");
  return (
    <div className="grid gap-2">
      <p>As a monitoring system would, with {link("/admin/keys", "a key of yours")}:</p>
      <Snippet text={curl} label="Copy the command" />
    </div>
  );
}

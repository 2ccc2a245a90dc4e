/** A roster in six steps: people, pattern, handoff, policy, six weeks to look at, and a test page to each one. */
import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useForm } from "react-hook-form";

import { may, useMe } from "@/session/me";
import { serverNow } from "@/time/clock";
import { localZone } from "@/time/words";
import { Button, buttonClass } from "@/ui/button";
import { Page } from "@/ui/page";
import { Loaded, Panel } from "@/ui/panel";

import { CreateStep } from "./create-step";
import { PeopleStep } from "./people-step";
import { peopleQuery, policiesQuery, rostersQuery } from "./queries";
import { HandoffFields, HoursFields, NameFields, PatternFields } from "./roster-fields";
import { rosterSchema, type RosterForm } from "./roster-form";
import { SelectField } from "@/ui/field";
import { TestStep } from "./test-step";
import { clockOf } from "./zones";

const STEPS = ["People", "Pattern", "Handoff", "Policy", "Preview", "Test page"] as const;

/** The fields that must be right before a step is left. */
const FIELDS: ReadonlyArray<ReadonlyArray<keyof RosterForm>> = [["name", "description"], ["pattern", "length", "active_from", "active_until", "linked_roster_id"], ["timezone", "handoff_time", "handoff_day", "start_date"], [], [], []];

export default function NewRosterPage() {
  const me = useMe();
  const navigate = useNavigate();
  const people = useQuery(peopleQuery);
  const rosters = useQuery(rostersQuery);
  const policies = useQuery(policiesQuery);
  const [step, setStep] = useState(0);
  const [members, setMembers] = useState<string[]>([]);
  const [policyId, setPolicyId] = useState("");
  const [madeId, setMadeId] = useState<string | null>(null);
  const chosen = (people.data ?? []).filter((person) => members.includes(person.id)).toSorted((a, b) => members.indexOf(a.id) - members.indexOf(b.id));
  const show = (rosterId: string) => void navigate({ to: "/rosters/$rosterId", params: { rosterId } });
  const form = useForm<RosterForm>({ resolver: zodResolver(rosterSchema), mode: "onTouched", defaultValues: startingForm() });
  if (!may(me, "manager"))
    return (
      <Page title="New roster">
        <p className="text-muted">Making a roster needs the role manager.</p>
      </Page>
    );
  const next = async () => {
    if (await form.trigger([...FIELDS[step]!])) setStep(step + 1);
  };
  return (
    <Page title="New roster" actions={madeId === null && <Link to="/rosters" className={buttonClass("quiet")}>Cancel</Link>}>
      <ol className="flex flex-wrap gap-x-6 gap-y-2" aria-label="Steps">
        {STEPS.map((name, index) => (
          <li key={name} aria-current={index === step ? "step" : undefined} className={index === step ? "font-semibold text-accent" : index < step ? "" : "text-muted"}>
            <span className="tabular-nums">{index + 1}</span> {name}
            {index < step && <span className="sr-only"> (done)</span>}
          </li>
        ))}
      </ol>
      <Panel title={STEPS[step]} className="max-w-4xl">
        <div className="grid gap-4">
          {step === 0 && (
            <>
              <NameFields form={form} />
              <Loaded query={people} what="The people">
                {(all) => <PeopleStep people={all.filter((person) => person.is_active)} chosen={members} onChange={setMembers} />}
              </Loaded>
            </>
          )}
          {step === 1 && (
            <>
              <PatternFields form={form} />
              <h3 className="font-semibold">Follow the sun (optional)</h3>
              <p className="text-muted">On call in this site’s own day only; outside it the roster of the next site is asked. Make the last site’s roster first.</p>
              <HoursFields form={form} rosters={rosters.data ?? []} />
            </>
          )}
          {step === 2 && <HandoffFields form={form} />}
          {step === 3 && (
            <Loaded query={policies} what="The policies">
              {(all) => (
                <SelectField label="Policy that asks this roster" value={policyId} onChange={(event) => setPolicyId(event.target.value)} hint="Without one nobody is paged through this roster. It can be chosen later in the settings.">
                  <option value="">none yet</option>
                  {all.map((policy) => (
                    <option key={policy.id} value={policy.id}>
                      {policy.name}
                      {policy.roster_id ? " (asks another roster now)" : ""}
                    </option>
                  ))}
                </SelectField>
              )}
            </Loaded>
          )}
          {step === 4 && (
            <CreateStep
              form={form.getValues()}
              people={chosen}
              policy={(policies.data ?? []).find((policy) => policy.id === policyId) ?? null}
              onBack={() => setStep(3)}
              onRefused={(field, reason) => {
                form.setError(field, { message: reason });
                setStep(Math.max(0, FIELDS.findIndex((fields) => fields.includes(field))));
              }}
              onDone={(rosterId) => {
                setMadeId(rosterId);
                if (chosen.length > 0) setStep(5);
                else show(rosterId);
              }}
            />
          )}
          {step === 5 && madeId && <TestStep name={form.getValues("name")} people={chosen} onDone={() => show(madeId)} />}
        </div>
        {step < 4 && (
          <div className="mt-6 flex flex-wrap gap-2 border-t pt-4">
            {step > 0 && <Button onClick={() => setStep(step - 1)}>Back</Button>}
            <Button look="ack" onClick={() => void next()}>
              Next: {STEPS[step + 1]!.toLowerCase()}
            </Button>
          </div>
        )}
      </Panel>
    </Page>
  );
}

function startingForm(): RosterForm {
  return {
    name: "", description: "", timezone: localZone, pattern: "weekly", length: "7", handoff_time: "09:00", handoff_day: "", start_date: clockOf(serverNow(), localZone).date,
    end_date: "", active_from: "", active_until: "", linked_roster_id: "", max_weeks: "",
  };
}

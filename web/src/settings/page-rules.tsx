/** In which order the channels are tried, by urgency, and when warnings wait for the morning. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { client, read, type Schema } from "@/api/client";
import { queries } from "@/api/queries";
import { Button, IconButton } from "@/ui/button";
import { CheckField, FormError, SelectField, TextField } from "@/ui/field";
import { Loaded, Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";

import { KINDS } from "./kinds";

type Rules = Schema["NotificationRules"];
type Step = Required<Schema["RuleStep"]>;
type Kind = Step["channel"];
type Day = NonNullable<Schema["QuietHours"]["days"]>[number];

const ALL = Object.keys(KINDS) as Kind[];
const DAYS: readonly Day[] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

export function PageRules({ userId }: { userId: string }) {
  const rules = useQuery({
    queryKey: ["user", userId, "rules"],
    queryFn: () => read(client.GET("/api/v1/users/{user_id}/notification-rules", { params: { path: { user_id: userId } } })),
  });
  return (
    <Loaded query={rules} what="Your rules" lines={6}>
      {(data) => <RulesForm key={data.revision} userId={userId} rules={data} />}
    </Loaded>
  );
}

function RulesForm({ userId, rules }: { userId: string; rules: Rules }) {
  const [high, setHigh] = useState(rules.high.map(whole));
  const [low, setLow] = useState(rules.low.map(whole));
  const [quiet, setQuiet] = useState(rules.quiet_hours);
  const isSame = JSON.stringify([high, low, quiet]) === JSON.stringify([rules.high.map(whole), rules.low.map(whole), rules.quiet_hours]);
  const save = useMutation({
    mutationFn: () =>
      read(client.PUT("/api/v1/users/{user_id}/notification-rules", { params: { path: { user_id: userId }, header: { "If-Match": `"${rules.revision}"` } }, body: { high, low, quiet_hours: quiet } })),
    onSuccess: async () => {
      toast.done("You are paged so from now on.");
      await queries.invalidateQueries({ queryKey: ["user", userId, "rules"] });
    },
  });
  return (
    <div className="grid gap-4">
      {rules.unreachable.length > 0 && (
        <p role="note" className="rounded-md border border-warning px-3 py-2 text-warning">
          ⚠ Your rules name {rules.unreachable.map((kind) => KINDS[kind]).join(" and ")}, but you have no verified address there.
        </p>
      )}
      <div className="grid gap-4 lg:grid-cols-2">
        <Steps title="Critical and major" steps={high} onChange={setHigh} />
        <Steps title="Warning and info" steps={low} onChange={setLow} />
      </div>
      <Panel title="Quiet hours">
        <div className="grid gap-4">
          <CheckField
            label="Hold pages of warnings and infos"
            hint={`On the clock of ${rules.timezone}. Critical and major alerts always come through.`}
            checked={quiet !== null}
            onChange={(event) => setQuiet(event.target.checked ? { start_time: "22:00", end_time: "07:00", days: [] } : null)}
          />
          {quiet && (
            <>
              <div className="flex flex-wrap gap-4">
                <TextField label="From" type="time" value={quiet.start_time.slice(0, 5)} onChange={(event) => setQuiet({ ...quiet, start_time: event.target.value })} />
                <TextField label="Until" type="time" value={quiet.end_time.slice(0, 5)} onChange={(event) => setQuiet({ ...quiet, end_time: event.target.value })} />
              </div>
              <fieldset className="flex flex-wrap gap-x-4 gap-y-2">
                <legend className="mb-1 font-medium">Beginning on</legend>
                {DAYS.map((day) => {
                  const days = quiet.days ?? [];
                  const isOn = days.length === 0 || days.includes(day);
                  const others = DAYS.filter((each) => (days.length === 0 || days.includes(each)) && each !== day);
                  const next = isOn ? others : DAYS.filter((each) => days.includes(each) || each === day);
                  return <CheckField key={day} label={day.slice(0, 1).toUpperCase() + day.slice(1)} checked={isOn} onChange={() => setQuiet({ ...quiet, days: next.length === DAYS.length ? [] : next })} />;
                })}
              </fieldset>
            </>
          )}
        </div>
      </Panel>
      <div className="flex flex-wrap items-center gap-3">
        <Button look="ack" onClick={() => save.mutate()} disabled={isSame} isBusy={save.isPending}>
          Save
        </Button>
        <FormError error={save.error} />
      </div>
    </div>
  );
}

function whole(step: Schema["RuleStep"]): Step {
  return { channel: step.channel, delay_minutes: step.delay_minutes ?? 0 };
}

function Steps({ title, steps, onChange }: { title: string; steps: Step[]; onChange: (steps: Step[]) => void }) {
  const free = ALL.filter((kind) => !steps.some((step) => step.channel === kind));
  const replace = (index: number, step: Step) => onChange(steps.map((each, at) => (at === index ? step : each)));
  return (
    <Panel title={title}>
      {steps.length === 0 && <p className="mb-3 text-muted">No rule of your own: you are paged as the policy's tier says.</p>}
      <ol className="grid gap-3">
        {steps.map((step, index) => (
          <li key={step.channel} className="flex flex-wrap items-end gap-3">
            <SelectField label={index === 0 ? "First by" : "Then by"} value={step.channel} onChange={(event) => replace(index, { ...step, channel: event.target.value as Kind })}>
              {[step.channel, ...free].map((kind) => (
                <option key={kind} value={kind}>
                  {KINDS[kind]}
                </option>
              ))}
            </SelectField>
            <TextField
              label="Minutes after the page"
              type="number"
              min={0}
              max={240}
              value={step.delay_minutes}
              disabled={index === 0}
              onChange={(event) => replace(index, { ...step, delay_minutes: Number(event.target.value) })}
              className="w-44"
            />
            <IconButton label={`Remove ${KINDS[step.channel]}`} icon="✕" onClick={() => onChange(steps.filter((_, at) => at !== index))} />
          </li>
        ))}
      </ol>
      {free[0] && (
        <Button className="mt-3" onClick={() => onChange([...steps, { channel: free[0]!, delay_minutes: steps.length ? (steps.at(-1)?.delay_minutes ?? 0) + 2 : 0 }])}>
          Add a step
        </Button>
      )}
    </Panel>
  );
}

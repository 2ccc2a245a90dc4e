import { useQueryClient } from "@tanstack/react-query";
import { z } from "zod/mini";

import { client, read, readWithTag, type Schema } from "@/api/client";
import { CheckField, SelectField, TextArea, TextField } from "@/ui/field";
import { SEVERITIES } from "@/ui/severity";
import { toast } from "@/ui/toast";
import { useEditor } from "@/ui/use-editor";

import { durationText, secondsFrom } from "./duration";
import { FormDialog } from "./form-dialog";
import { faultOf, labelsFrom, labelText, matchersFrom, matcherText } from "./matchers";

type Heartbeat = Schema["Heartbeat"];

const LABELS = { name: "Name", description: "Description", interval_seconds: "Heard of every", grace_seconds: "Grace", severity: "Severity", labels: "Labels", matchers: "Matchers", is_enabled: "Enabled" };

const duration = (least: number, words: string) => z.string().check(z.refine((value) => (secondsFrom(value) ?? -1) >= least && secondsFrom(value)! <= 2_678_400, words));
const lines = (reader: (text: string) => unknown) =>
  z.string().check((context) => {
    const fault = faultOf(reader, context.value);
    if (fault) context.issues.push({ code: "custom", message: fault, input: context.value });
  });

const schema = z.object({
  name: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/u, "Letters, digits, dots, dashes and underscores; at most 100.")),
  description: z.string().check(z.maxLength(10_000, "At most 10,000 characters.")),
  interval_seconds: duration(30, "At least 30 s and at most 31 d, such as 5 m or 1 d."),
  grace_seconds: duration(0, "A span such as 0, 30 s or 1 h."),
  severity: z.string(),
  labels: lines(labelsFrom),
  matchers: lines(matchersFrom),
  is_enabled: z.boolean(),
});

type Values = z.infer<typeof schema>;

const BLANK: Values = { name: "", description: "", interval_seconds: "1 d", grace_seconds: "1 h", severity: "critical", labels: "", matchers: "", is_enabled: true };

function valuesOf(heartbeat: Heartbeat): Values {
  const { name, description, severity, is_enabled } = heartbeat;
  return { name, description, severity, is_enabled, interval_seconds: durationText(heartbeat.interval_seconds), grace_seconds: durationText(heartbeat.grace_seconds), labels: labelText(heartbeat.labels), matchers: matcherText(heartbeat.matchers) };
}

function contentFrom(values: Values): Schema["HeartbeatContent"] {
  const matchers = matchersFrom(values.matchers);
  return {
    description: values.description,
    interval_seconds: secondsFrom(values.interval_seconds)!,
    grace_seconds: secondsFrom(values.grace_seconds)!,
    severity: values.severity as Heartbeat["severity"],
    labels: labelsFrom(values.labels),
    matchers: matchers.length > 0 ? matchers : null,
    is_enabled: values.is_enabled,
  };
}

/** A new heartbeat, or one that is changed; its name stays, for it stands in the address of its beats. */
export function HeartbeatForm({ heartbeat, onClose }: { heartbeat?: Heartbeat; onClose: () => void }) {
  const cache = useQueryClient();
  const editor = useEditor<Values, Heartbeat>({
    schema,
    first: heartbeat ? { values: valuesOf(heartbeat), etag: `"${heartbeat.revision}"` } : { values: BLANK, etag: null },
    isNew: !heartbeat,
    labels: LABELS,
    readNewest: async () => {
      const { body, etag } = await readWithTag(client.GET("/api/v1/heartbeats/{name}", { params: { path: { name: heartbeat?.name ?? "" } } }));
      return { values: valuesOf(body), etag };
    },
    save: (values, etag) =>
      heartbeat
        ? read(client.PUT("/api/v1/heartbeats/{name}", { params: { path: { name: heartbeat.name }, header: { "If-Match": etag ?? undefined } }, body: contentFrom(values) }))
        : read(client.POST("/api/v1/heartbeats", { body: { ...contentFrom(values), name: values.name } })),
    onSaved: async ({ name }) => {
      onClose();
      toast.done(heartbeat ? `${name} is saved.` : `${name} is watched from its first beat on.`);
      await cache.invalidateQueries({ queryKey: ["heartbeat"] });
    },
    onUntouched: onClose,
  });
  const { register, formState } = editor.form;
  const field = (name: keyof Values) => ({ ...register(name), label: LABELS[name], error: formState.errors[name]?.message });
  return (
    <FormDialog title={heartbeat ? `Change ${heartbeat.name}` : "New heartbeat"} lead="Heard of every so often, or an alert opens." action={heartbeat ? "Save heartbeat" : "Watch for it"} onClose={onClose} {...editor}>
      <div className="grid gap-4 sm:grid-cols-3">
        <TextField {...field("name")} className="sm:col-span-2" readOnly={Boolean(heartbeat)} spellCheck={false} autoCapitalize="none" hint={heartbeat ? "Stays, for it stands in the address of its beats." : "Stands in the address of its beats, and never changes."} />
        <SelectField {...field("severity")} hint="Of the alert that a miss opens.">
          {SEVERITIES.map((severity) => (
            <option key={severity}>{severity}</option>
          ))}
        </SelectField>
        <TextField {...field("interval_seconds")} hint="Such as 5 m or 1 d." />
        <TextField {...field("grace_seconds")} hint="How much later is still in time." />
        <TextField {...field("description")} className="sm:col-span-3" />
        <TextArea {...field("labels")} rows={3} spellCheck={false} className="sm:col-span-3" placeholder="service=payments" hint="Of the alert, one per line: name=value." />
        <TextArea {...field("matchers")} rows={3} spellCheck={false} className="sm:col-span-3" placeholder='alertname="Watchdog"' hint="One per line. A firing alert that fits them all is a beat, and opens nothing. Leave it empty when the job calls the address itself." />
        <CheckField {...register("is_enabled")} label="Enabled" hint="While it is not, nothing is missed." className="sm:col-span-3" />
      </div>
    </FormDialog>
  );
}

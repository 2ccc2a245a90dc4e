import { queryOptions, useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";

import { client, Problem, read, type Schema } from "@/api/client";
import { queries } from "@/api/queries";
import { may, useMe } from "@/session/me";
import { Button } from "@/ui/button";
import { CheckField, FormError, SelectField, TextArea, TextField } from "@/ui/field";
import { SEVERITIES, type Severity } from "@/ui/severity";
import { toast } from "@/ui/toast";
import { ZoneField } from "@/ui/zone-field";

type Config = Schema["TenantConfig"];

export const configQuery = queryOptions({ queryKey: ["config"], queryFn: () => read(client.GET("/api/v1/admin/config")) });

interface Fields {
  timezone: string;
  default_policy_id: string;
  slack_channel: string;
  quiet_threads: boolean;
  auto_close_minutes: string;
  keep_alerts_days: string;
  keep_payloads_days: string;
  keep_deliveries_days: string;
  keep_audit_days: string;
  severity_words: string;
}

const SPANS = ["auto_close_minutes", "keep_alerts_days", "keep_payloads_days", "keep_deliveries_days", "keep_audit_days"] as const;

function fieldsOf(config: Config): Fields {
  const text = (value: number | null) => (value === null ? "" : String(value));
  return {
    timezone: config.timezone,
    default_policy_id: config.default_policy_id ?? "",
    slack_channel: config.slack_channel ?? "",
    quiet_threads: config.quiet_threads,
    ...(Object.fromEntries(SPANS.map((name) => [name, text(config[name])])) as Record<(typeof SPANS)[number], string>),
    severity_words: Object.entries(config.severity_words).map(([word, severity]) => `${word} = ${severity}`).join("\n"),
  };
}

/** `word = severity`, a line each. Pure; throws an Error that names the line. */
export function readWords(text: string): Record<string, Severity> {
  const pairs = text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const [word, severity] = line.split("=").map((part) => part.trim());
    if (!word || !SEVERITIES.includes(severity as Severity)) throw new Error(`Severity words, line ${index + 1}: write “word = ${SEVERITIES.join(" | ")}”.`);
    return [[word, severity as Severity] as const];
  });
  return Object.fromEntries(pairs);
}

/** Only the fields that were changed, as the API wants them. */
function changeOf(fields: Fields, dirty: Partial<Record<keyof Fields, unknown>>): Record<string, unknown> {
  const values: Record<string, unknown> = { ...fields, default_policy_id: fields.default_policy_id || null, slack_channel: fields.slack_channel || null };
  for (const name of SPANS) values[name] = fields[name] === "" ? null : Number(fields[name]);
  if (dirty.severity_words) values["severity_words"] = readWords(fields.severity_words);
  return Object.fromEntries(Object.entries(values).filter(([name]) => dirty[name as keyof Fields]));
}

export function GeneralForm({ config, policies }: { config: Config; policies: ReadonlyArray<{ id: string; name: string }> }) {
  const isAdmin = may(useMe(), "admin");
  const { register, handleSubmit, setError, formState } = useForm<Fields>({ defaultValues: fieldsOf(config) });
  const { errors, dirtyFields, isDirty } = formState;
  const save = useMutation({
    mutationFn: async (fields: Fields) => {
      const body = changeOf(fields, dirtyFields);
      return read(client.PATCH("/api/v1/admin/config", { params: { header: { "If-Match": `"${config.revision}"` } }, body }));
    },
    onSuccess: async () => {
      toast.done("The configuration is changed.");
      await queries.invalidateQueries({ queryKey: ["config"] });
    },
    onError: (error) => {
      if (!(error instanceof Problem)) return;
      for (const { field, reason } of error.fields) setError(field.replace(/^\$\./u, "") as keyof Fields, { message: reason });
    },
  });
  const conflict = save.error instanceof Problem && save.error.status === 412;
  const span = (name: (typeof SPANS)[number], label: string, hint: string) => (
    <TextField label={label} hint={hint} type="number" inputMode="numeric" {...register(name)} error={errors[name]?.message} />
  );
  return (
    <form onSubmit={handleSubmit((fields) => save.mutate(fields))} noValidate>
      <fieldset disabled={!isAdmin} className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
        <ZoneField label="Time zone" hint="Where nothing closer says another." {...register("timezone")} error={errors.timezone?.message} />
        <SelectField label="Default policy" hint="For alerts that no service or route claims." {...register("default_policy_id")} error={errors.default_policy_id?.message}>
          <option value="">None: they page nobody</option>
          {policies.map((policy) => (
            <option key={policy.id} value={policy.id}>
              {policy.name}
            </option>
          ))}
        </SelectField>
        <TextField label="Slack channel" hint="Where a tier pages a channel without naming one." {...register("slack_channel")} error={errors.slack_channel?.message} />
        {span("auto_close_minutes", "Close silent alerts after (minutes)", "Empty: never.")}
        {span("keep_alerts_days", "Keep resolved alerts (days)", "Empty: for ever.")}
        {span("keep_payloads_days", "Keep raw payloads (days)", "Empty: as long as their alerts.")}
        {span("keep_deliveries_days", "Keep delivery records (days)", "Empty: as long as their alerts.")}
        {span("keep_audit_days", "Keep the audit log (days)", "Empty: for ever.")}
        <CheckField label="Quiet threads" hint="Slack threads tell of changes without a sound." className="self-center" {...register("quiet_threads")} />
        <TextArea label="Severity words" hint="What senders say = what it means here; a line each: “sev1 = critical”." rows={4} className="md:col-span-2" spellCheck={false} {...register("severity_words")} error={errors.severity_words?.message} />
      </fieldset>
      <div className="mt-4 flex flex-wrap items-center gap-3">
        {isAdmin ? (
          <Button look="ack" type="submit" disabled={!isDirty} isBusy={save.isPending}>
            Save
          </Button>
        ) : (
          <p className="text-muted">An admin of the tenant changes this.</p>
        )}
        {conflict ? (
          <p role="alert" className="text-warning">
            Somebody else has changed it meanwhile. <button type="button" className="link" onClick={() => void queries.invalidateQueries({ queryKey: ["config"] })}>Read the newest</button>
          </p>
        ) : (
          <FormError error={save.error} />
        )}
      </div>
    </form>
  );
}

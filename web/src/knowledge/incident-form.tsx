import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useWatch } from "react-hook-form";
import { z } from "zod/mini";

import { runbookChoicesQuery } from "@/runbooks/queries";
import { Button } from "@/ui/button";
import { FormError, SelectField, TextArea, TextField } from "@/ui/field";
import { useLeaveGuard } from "@/ui/leave-guard";
import { MarkdownField } from "@/ui/markdown-field";
import { Panel } from "@/ui/panel";
import type { Revised } from "@/ui/revision";
import { SEVERITIES } from "@/ui/severity";
import { toast } from "@/ui/toast";
import { useEditor } from "@/ui/use-editor";

import { FIELD_LABELS } from "./field-labels";
import { contentFrom, type IncidentValues } from "./form-values";
import { PatternTrial } from "./pattern-trial";
import type { Incident, IncidentContent } from "./queries";

const text = (most: number) => z.string().check(z.maxLength(most, `At most ${most.toLocaleString("en-GB")} characters.`));
const schema = z.object({
  title: z.string().check(z.refine((value) => value.trim() !== "", "An entry needs a title."), z.maxLength(500, "At most 500 characters.")),
  severity: z.string(),
  category: text(200),
  tags: z.string(),
  services: z.string(),
  clusters: z.string(),
  namespaces: z.string(),
  symptoms: text(20_000),
  root_cause: text(20_000),
  solution: text(20_000),
  error_patterns: z.string(),
  fingerprints: z.string(),
  postmortem_url: z.string().check(z.refine((value) => value.trim() === "" || /^https?:\/\/\S+$/u.test(value.trim()), "An address that begins with https:// or http://.")),
  runbook_id: z.string(),
});

interface IncidentFormProps {
  first: Revised<IncidentValues>;
  /** Whether it is saved even as it is: a draft is, an entry is not. */
  isNew: boolean;
  save: (content: IncidentContent, etag: string | null) => Promise<Incident>;
  readNewest: () => Promise<Revised<IncidentValues>>;
}

export function IncidentForm({ first, isNew, save, readNewest }: IncidentFormProps) {
  const router = useRouter();
  const cache = useQueryClient();
  const { form, onSubmit, isBusy, isDirty, failure, notice } = useEditor({
    schema,
    first,
    isNew,
    labels: FIELD_LABELS,
    readNewest,
    save: (values, etag) => save(contentFrom(values), etag),
    onSaved: async ({ id }) => {
      guard.allow();
      await cache.invalidateQueries({ queryKey: ["incident"] });
      toast.done(isNew ? "The entry is written." : "The entry is saved.");
      await router.navigate({ to: "/incidents/$incidentId", params: { incidentId: id }, search: {} });
    },
    onUntouched: () => {
      toast.done("Nothing was changed.");
      router.history.back();
    },
  });
  const { errors } = form.formState;
  const guard = useLeaveGuard(isDirty);
  const runbooks = useQuery(runbookChoicesQuery);
  const [symptoms, rootCause, solution, patterns, runbook] = useWatch({ control: form.control, name: ["symptoms", "root_cause", "solution", "error_patterns", "runbook_id"] });
  const field = (name: keyof IncidentValues) => ({ ...form.register(name), label: FIELD_LABELS[name]!, error: errors[name]?.message });
  return (
    <form onSubmit={onSubmit} noValidate className="grid max-w-6xl gap-4">
      {guard.dialog}
      {notice}
      <Panel title="What it is">
        <div className="grid gap-4 md:grid-cols-4">
          <TextField {...field("title")} className="md:col-span-4" maxLength={500} required hint="What an alert about it would say." />
          <SelectField {...field("severity")}>
            {SEVERITIES.map((severity) => (
              <option key={severity} value={severity}>
                {severity}
              </option>
            ))}
          </SelectField>
          <TextField {...field("category")} maxLength={200} hint="One word, such as storage." />
          <TextField {...field("services")} hint="Several with commas." />
          <TextField {...field("tags")} hint="Several with commas." />
          <TextField {...field("clusters")} hint="Several with commas." />
          <TextField {...field("namespaces")} hint="Several with commas." />
          <SelectField {...field("runbook_id")} className="md:col-span-2" hint={runbooks.error ? "The runbooks could not be loaded. The choice stays as it is." : undefined}>
            <option value="">None</option>
            {runbook && !runbooks.data?.items.some((each) => each.id === runbook) && <option value={runbook}>The runbook that is chosen now</option>}
            {runbooks.data?.items.map((each) => (
              <option key={each.id} value={each.id}>
                {each.title}
              </option>
            ))}
          </SelectField>
        </div>
      </Panel>
      <Panel title="What helps">
        <div className="grid gap-4">
          <MarkdownField {...field("solution")} text={solution} rows={10} hint="Markdown. A numbered list becomes steps to tick off; commands in backticks can be copied." />
          <MarkdownField {...field("symptoms")} text={symptoms} rows={5} hint="Markdown. What one sees when it happens." />
          <MarkdownField {...field("root_cause")} text={rootCause} rows={4} hint="Markdown. Why it happens." />
          <TextField {...field("postmortem_url")} type="url" inputMode="url" placeholder="https://" hint="Where the post-mortem is, if there is one." />
        </div>
      </Panel>
      <Panel title="What finds it">
        <div className="grid gap-4 lg:grid-cols-2">
          <TextArea {...field("error_patterns")} rows={4} spellCheck={false} hint="Regular expressions (RE2), one per line, tried against an alert's title and description." />
          <TextArea {...field("fingerprints")} rows={4} spellCheck={false} hint="One per line. An alert with one of them shows this entry at once; a fingerprint belongs to one entry." />
          <div className="lg:col-span-2">
            <PatternTrial patterns={patterns.split("\n").map((each) => each.trim()).filter(Boolean)} />
          </div>
        </div>
      </Panel>
      <div className="sticky bottom-16 z-10 flex flex-wrap items-center justify-end gap-2 border-t bg-bg py-3 md:bottom-0">
        <div className="min-w-0 flex-1">
          <FormError error={failure} />
        </div>
        <Button onClick={() => router.history.back()}>Cancel</Button>
        <Button look="ack" type="submit" isBusy={isBusy}>
          {isNew ? "Write entry" : "Save entry"}
        </Button>
      </div>
    </form>
  );
}

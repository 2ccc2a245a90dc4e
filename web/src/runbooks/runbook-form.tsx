import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useWatch } from "react-hook-form";
import { z } from "zod/mini";

import type { Schema } from "@/api/client";
import { Button } from "@/ui/button";
import { CheckField, FormError, TextField } from "@/ui/field";
import { useLeaveGuard } from "@/ui/leave-guard";
import { MarkdownField } from "@/ui/markdown-field";
import { Panel } from "@/ui/panel";
import type { Revised } from "@/ui/revision";
import { toast } from "@/ui/toast";
import { useEditor } from "@/ui/use-editor";

import { contentFrom, type RunbookValues } from "./form-values";
import type { Runbook } from "./queries";

const schema = z.object({
  title: z.string().check(z.refine((value) => value.trim() !== "", "A runbook needs a title."), z.maxLength(500, "At most 500 characters.")),
  markdown: z.string().check(z.maxLength(50_000, "At most 50,000 characters.")),
  category: z.string().check(z.maxLength(200, "At most 200 characters.")),
  tags: z.string(),
  is_template: z.boolean(),
});

const LABELS = { title: "Title", markdown: "Steps", category: "Category", tags: "Tags", is_template: "Template" };

interface RunbookFormProps {
  first: Revised<RunbookValues>;
  isNew: boolean;
  save: (content: Schema["RunbookContent"], etag: string | null) => Promise<Runbook>;
  readNewest: () => Promise<Revised<RunbookValues>>;
}

export function RunbookForm({ first, isNew, save, readNewest }: RunbookFormProps) {
  const router = useRouter();
  const cache = useQueryClient();
  const { form, onSubmit, isBusy, isDirty, failure, notice } = useEditor({
    schema,
    first,
    isNew,
    labels: LABELS,
    readNewest,
    save: (values, etag) => save(contentFrom(values), etag),
    onSaved: async ({ id }) => {
      guard.allow();
      await cache.invalidateQueries({ queryKey: ["runbook"] });
      toast.done(isNew ? "The runbook is written." : "The runbook is saved.");
      await router.navigate({ to: "/runbooks/$runbookId", params: { runbookId: id }, search: {} });
    },
    onUntouched: () => {
      toast.done("Nothing was changed.");
      router.history.back();
    },
  });
  const { errors } = form.formState;
  const guard = useLeaveGuard(isDirty);
  const markdown = useWatch({ control: form.control, name: "markdown" });
  return (
    <form onSubmit={onSubmit} noValidate className="grid max-w-6xl gap-4">
      {guard.dialog}
      {notice}
      <Panel title="Runbook">
        <div className="grid gap-4 md:grid-cols-2">
          <TextField {...form.register("title")} label="Title" className="md:col-span-2" maxLength={500} required error={errors.title?.message} />
          <TextField {...form.register("category")} label="Category" maxLength={200} error={errors.category?.message} hint="One word, such as database." />
          <TextField {...form.register("tags")} label="Tags" error={errors.tags?.message} hint="Several with commas." />
          <div className="md:col-span-2">
            <MarkdownField {...form.register("markdown")} label="Steps" text={markdown} rows={20} error={errors.markdown?.message} hint="Markdown. Numbered items and tasks (- [ ]) become steps to tick off; without any, the second-level headings do." />
          </div>
          <CheckField {...form.register("is_template")} label="Others may start from it" hint="It is listed among the templates." />
        </div>
      </Panel>
      <div className="sticky bottom-16 z-10 flex flex-wrap items-center justify-end gap-2 border-t bg-bg py-3 md:bottom-0">
        <div className="min-w-0 flex-1">
          <FormError error={failure} />
        </div>
        <Button onClick={() => router.history.back()}>Cancel</Button>
        <Button look="ack" type="submit" isBusy={isBusy}>
          {isNew ? "Write runbook" : "Save runbook"}
        </Button>
      </div>
    </form>
  );
}

/** A policy while it is written, beside what it would do. */
import { zodResolver } from "@hookform/resolvers/zod";
import { Plus } from "lucide-react";
import { useState, type ReactNode } from "react";
import { FormProvider, useFieldArray, useForm, useWatch, type FieldPath } from "react-hook-form";

import { Problem } from "@/api/client";
import { Button } from "@/ui/button";
import { FormError, SelectField, TextArea, TextField } from "@/ui/field";
import { Panel } from "@/ui/panel";
import { Reorder } from "@/ui/reorder";
import { toast } from "@/ui/toast";
import { Unsaved } from "@/ui/leave-guard";

import { draftSchema, isSame, NEW_RUNG, refusalsOf, type Draft } from "./draft";
import { RungFields } from "./rung-fields";
import { targetWords, type Directory } from "./targets";

interface EditorProps {
  /** What the form begins with. */
  start: Draft;
  /** What is stored, if anything is: without a difference nothing is sent. */
  stored: Draft | null;
  directory: Directory;
  action: string;
  /** @throws Problem; its fields are told where they are. */
  onSave: (draft: Draft) => Promise<void>;
  onCancel: () => void;
  /** Above the form: what somebody else did meanwhile. */
  notice?: (draft: Draft, reset: (to: Draft) => void) => ReactNode;
  /** Beside the form: what the draft would do. */
  aside: (draft: Draft) => ReactNode;
}

export function Editor({ start, stored, directory, action, onSave, onCancel, notice, aside }: EditorProps) {
  const form = useForm<Draft>({ defaultValues: start, resolver: zodResolver(draftSchema), mode: "onTouched" });
  const rungs = useFieldArray({ control: form.control, name: "tiers" });
  const draft = useWatch({ control: form.control }) as Draft;
  const [failure, setFailure] = useState<Error | null>(null);
  const isUnsaved = !isSame(draft, stored ?? start);
  const meaning = { roster_id: draft.roster_id || null, lead_id: draft.lead_id || null };
  const { errors, isSubmitting } = form.formState;

  const save = form.handleSubmit(async (filled) => {
    setFailure(null);
    if (stored && isSame(filled, stored)) {
      toast.done("Nothing was changed, so nothing was saved.");
      return;
    }
    try {
      await onSave(filled);
    } catch (error) {
      const refusals = error instanceof Problem ? refusalsOf(error, filled, (target) => targetWords(target, directory, meaning)) : [];
      for (const { path, reason } of refusals) form.setError(path as FieldPath<Draft>, { type: "server", message: reason });
      setFailure(error instanceof Problem && refusals.length > 0 && refusals.every(({ path }) => path !== "root") ? new Error("Some fields cannot be meant so. Each says why.") : (error as Error));
    }
  });

  const minuteOf = (index: number) => draft.tiers.slice(0, index).reduce((sum, tier) => sum + tier.timeout_minutes, 0);
  return (
    <FormProvider {...form}>
      <Unsaved isUnsaved={isUnsaved && !isSubmitting} what="this policy" />
      {notice?.(draft, (to) => form.reset(to))}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.1fr)_minmax(0,1fr)]">
        <form onSubmit={(event) => void save(event)} noValidate className="grid min-w-0 gap-4">
          <Panel title="What it is">
            <div className="grid gap-3 sm:grid-cols-2">
              <TextField label="Name" error={errors.name?.message} className="sm:col-span-2" {...form.register("name")} />
              <TextArea label="Description" rows={2} error={errors.description?.message} className="sm:col-span-2" {...form.register("description")} />
              <SelectField label="Roster" hint="Whom “on call” and “backup” mean." error={errors.roster_id?.message} {...form.register("roster_id")}>
                <option value="">None</option>
                {directory.rosters.map((roster) => (
                  <option key={roster.id} value={roster.id}>
                    {roster.name}
                  </option>
                ))}
              </SelectField>
              <SelectField label="Team lead" hint="Whom “team lead” means." error={errors.lead_id?.message} {...form.register("lead_id")}>
                <option value="">None</option>
                {directory.people
                  .filter((person) => person.is_active !== false || person.id === start.lead_id)
                  .map((person) => (
                    <option key={person.id} value={person.id}>
                      {person.display_name}
                    </option>
                  ))}
              </SelectField>
            </div>
          </Panel>
          <Panel title="The ladder">
            <div className="grid gap-3">
              <Reorder
                label="Rungs"
                className="gap-3"
                items={rungs.fields}
                keyOf={(field) => field.id}
                nameOf={(_, index) => `rung ${index + 1}`}
                onMove={(from, to) => rungs.move(from, to)}
              >
                {(_, index, grip) => (
                  <RungFields index={index} minute={minuteOf(index)} directory={directory} meaning={meaning} grip={grip} onRemove={rungs.fields.length > 1 ? () => rungs.remove(index) : null} />
                )}
              </Reorder>
              {errors.tiers?.message && (
                <p role="alert" className="text-xs text-danger">
                  {errors.tiers.message}
                </p>
              )}
              <Button onClick={() => rungs.append({ ...NEW_RUNG, targets: [] })} disabled={rungs.fields.length >= 20} className="justify-self-start">
                <Plus size={16} aria-hidden /> Add a rung
              </Button>
              <TextField
                label="Times it begins again when nobody has acknowledged"
                hint="0 climbs the ladder once. At the end, and when a rung comes to nobody, the admins are told."
                type="number"
                inputMode="numeric"
                min={0}
                max={100}
                className="border-t pt-3"
                error={errors.repeat_count?.message}
                {...form.register("repeat_count", { valueAsNumber: true })}
              />
            </div>
          </Panel>
          <FormError error={failure} />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" look="ack" isBusy={isSubmitting}>
              {action}
            </Button>
            <Button onClick={onCancel}>Cancel</Button>
            {isUnsaved && <span className="self-center text-muted">Not saved yet</span>}
          </div>
        </form>
        <div className="min-w-0 xl:sticky xl:top-16 xl:max-h-[calc(100dvh-5rem)] xl:overflow-y-auto">{aside(draft)}</div>
      </div>
    </FormProvider>
  );
}

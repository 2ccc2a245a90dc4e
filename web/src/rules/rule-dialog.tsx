/** A rule while it is written, beside what it would have done. One dialog for all five kinds. */
import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { FormProvider, useForm, useWatch, type DefaultValues, type FieldValues, type Path, type Resolver } from "react-hook-form";

import { Problem } from "@/api/client";
import { queries } from "@/api/queries";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { Loaded } from "@/ui/panel";
import { toast } from "@/ui/toast";
import { Unsaved } from "@/ui/leave-guard";

import { pathOf, type Form } from "./forms";
import { Impact } from "./impact";
import type { Kind, Tagged } from "./kinds";
import { refreshRules, ruleQuery } from "./queries";
import { undo } from "./undo";

interface RuleDialogProps<V extends FieldValues, R extends { id: string }, C> {
  kind: Kind<R, C>;
  form: Form<V, R, C>;
  /** The rule that is changed; without it, a new one is made. */
  edit: string | undefined;
  /** What a new one begins with. */
  start: V;
  /** The place behind all rules that there are. */
  last?: number;
  fields: ReactNode;
  /** Said when it is saved. */
  savedWords: (rule: R) => string;
  /** Closes the dialog. */
  onDone: (isSaved: boolean) => void;
}

export function RuleDialog<V extends FieldValues, R extends { id: string }, C>(props: RuleDialogProps<V, R, C>) {
  const { kind, edit, onDone } = props;
  return (
    <Dialog isOpen onClose={() => onDone(false)} title={edit ? `Change the ${kind.word}` : `New ${kind.word}`} isWide>
      {edit ? <Stored {...props} edit={edit} /> : <RuleForm {...props} stored={null} />}
    </Dialog>
  );
}

function Stored<V extends FieldValues, R extends { id: string }, C>(props: RuleDialogProps<V, R, C> & { edit: string }) {
  const query = useQuery(ruleQuery(props.kind, props.edit));
  return (
    <Loaded query={query} what={`The ${props.kind.word}`} lines={5}>
      {(newest) => <RuleForm {...props} stored={newest} />}
    </Loaded>
  );
}

function RuleForm<V extends FieldValues, R extends { id: string }, C>({ kind, form: rule, stored: newest, start, last = 0, fields, savedWords, onDone }: RuleDialogProps<V, R, C> & { stored: Tagged<R> | null }) {
  const [base, setBase] = useState(newest);
  const begun = base ? rule.valuesOf(base.body) : start;
  const form = useForm<V>({ defaultValues: begun as DefaultValues<V>, resolver: zodResolver(rule.schema as never) as unknown as Resolver<V>, mode: "onTouched" });
  const values = useWatch({ control: form.control }) as V;
  const [failure, setFailure] = useState<Error | null>(null);
  const { isSubmitting } = form.formState;
  const isChanged = JSON.stringify(values) !== JSON.stringify(begun);

  const save = form.handleSubmit(async (filled) => {
    setFailure(null);
    if (base && JSON.stringify(filled) === JSON.stringify(begun)) {
      toast.done("Nothing was changed, so nothing was saved.");
      return onDone(true);
    }
    try {
      const content = rule.contentOf(filled, base?.body ?? null);
      const saved = base ? await kind.change(base.body.id, base.etag, content) : await kind.make(content);
      queries.setQueryData(ruleQuery(kind, saved.body.id).queryKey, saved);
      void refreshRules();
      toast.done(savedWords(saved.body), () => void undo(base ? () => kind.change(saved.body.id, saved.etag, rule.contentOf(rule.valuesOf(base.body), base.body)) : () => kind.remove(saved.body.id, saved.etag)));
      onDone(true);
    } catch (error) {
      if (error instanceof Problem && error.status === 412) await queries.refetchQueries({ queryKey: ruleQuery(kind, base!.body.id).queryKey });
      const paths = error instanceof Problem ? error.fields.map(({ field, reason }) => ({ path: pathOf(field), reason })) : [];
      for (const { path, reason } of paths) form.setError(path as Path<V>, { type: "server", message: reason });
      setFailure(paths.length > 0 && paths.every(({ path }) => path !== "root") ? new Error("Some fields cannot be meant so. Each says why.") : (error as Error));
    }
  });

  return (
    <FormProvider {...form}>
      <Unsaved isUnsaved={isChanged && !isSubmitting} what={`this ${kind.word}`} />
      <div className="grid gap-6 md:grid-cols-[minmax(0,1.25fr)_minmax(0,1fr)]">
        <form onSubmit={(event) => void save(event)} noValidate className="grid min-w-0 content-start gap-4">
          {newest && base && newest.etag !== base.etag && (
            <Changed
              word={kind.word}
              onTake={() => {
                setBase(newest);
                setFailure(null);
                form.reset(rule.valuesOf(newest.body));
              }}
              onKeep={() => {
                setBase(newest);
                setFailure(null);
              }}
            />
          )}
          {fields}
          <FormError error={failure} />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" look="ack" isBusy={isSubmitting}>
              {base ? "Save" : `Make the ${kind.word}`}
            </Button>
            <Button onClick={() => onDone(false)}>Cancel</Button>
          </div>
        </form>
        <Impact trial={rule.trialOf(values, base?.body ?? null, last)} />
      </div>
    </FormProvider>
  );
}

function Changed({ word, onTake, onKeep }: { word: string; onTake: () => void; onKeep: () => void }) {
  return (
    <div role="alert" className="grid gap-2 rounded-md border border-warning p-3">
      <p>
        <span className="font-medium text-warning">Somebody else changed this {word} meanwhile.</span> What you typed is still here.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={onTake}>Take theirs</Button>
        <Button onClick={onKeep}>Keep mine, to save over theirs</Button>
      </div>
    </div>
  );
}

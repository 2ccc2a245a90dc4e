import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useForm, type DefaultValues, type FieldValues, type UseFormReturn } from "react-hook-form";
import type { $ZodType } from "zod/v4/core";

import { tellProblem } from "./form-problem";
import { useRevision, type Revised } from "./revision";

interface EditorOptions<F extends FieldValues, R> {
  schema: $ZodType<F, F>;
  first: Revised<F>;
  /** Whether it is saved even as it is: a draft is, what exists already is not. */
  isNew: boolean;
  labels: Partial<Record<keyof F & string, string>>;
  save: (values: F, etag: string | null) => Promise<R>;
  readNewest: () => Promise<Revised<F>>;
  onSaved: (saved: R) => void | Promise<void>;
  /** Pressed save, and nothing was changed. */
  onUntouched: () => void;
}

interface Editor<F extends FieldValues> {
  form: UseFormReturn<F>;
  onSubmit: (event: { preventDefault: () => void }) => void;
  isBusy: boolean;
  isDirty: boolean;
  /** What was refused and belongs to no field. */
  failure: Error | null;
  /** That somebody else saved meanwhile. */
  notice: ReactNode;
}

/**
 * A form over one thing: checks, saves with the revision it began with, tells refused fields where they are, and keeps
 * what was typed when somebody else was faster.
 */
export function useEditor<F extends FieldValues, R>({ schema, first, isNew, labels, save, readNewest, onSaved, onUntouched }: EditorOptions<F, R>): Editor<F> {
  const form = useForm<F>({ defaultValues: first.values as DefaultValues<F>, resolver: zodResolver(schema) as never });
  const [failure, setFailure] = useState<Error | null>(null);
  const { isDirty } = form.formState;
  const revision = useRevision({ form, first, readNewest, labels });
  const write = useMutation({
    mutationFn: (values: F) => save(values, revision.etag),
    onSuccess: onSaved,
    onError: async (error) => {
      try {
        setFailure((await revision.settle(error)) ? null : tellProblem(form, error));
      } catch (second) {
        setFailure(second instanceof Error ? second : error);
      }
    },
  });
  const submit = form.handleSubmit((values) => {
    setFailure(null);
    if (isNew || isDirty) write.mutate(values as unknown as F);
    else onUntouched();
  });
  return { form, onSubmit: (event) => void submit(event as never), isBusy: write.isPending, isDirty, failure, notice: revision.notice };
}

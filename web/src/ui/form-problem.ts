import type { FieldValues, Path, UseFormReturn } from "react-hook-form";

import { Problem } from "@/api/client";

/** The form's field that a path names: `$.error_patterns[0]` → `error_patterns`. Pure. */
export function fieldOf(path: string): string {
  return /^\$\.([a-z_]+)/u.exec(path)?.[1] ?? "";
}

/** Tells each refused field's reason where the field is, and gives back what belongs to none of them. */
export function tellProblem<F extends FieldValues>(form: UseFormReturn<F>, error: Error | null): Error | null {
  if (!(error instanceof Problem)) return error;
  const names = new Set(Object.keys(form.getValues()));
  const known = error.fields.filter(({ field }) => names.has(fieldOf(field)));
  const first = known[0];
  for (const { field, reason } of known) form.setError(fieldOf(field) as Path<F>, { type: "server", message: reason });
  if (first) form.setFocus(fieldOf(first.field) as Path<F>);
  if (known.length === 0) return error;
  const others = error.fields.filter((each) => !known.includes(each));
  return others.length > 0 ? new Error(others.map(({ field, reason }) => `${field}: ${reason}`).join("; ")) : null;
}

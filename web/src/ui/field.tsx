/** Form fields: each has a label, may have a hint, and tells its error where it is. */
import { clsx } from "clsx";
import type { ComponentProps, ReactNode } from "react";
import { useId } from "react";

export const INPUT = "target w-full min-w-0 rounded-md border border-control bg-bg px-3 text-sm text-text aria-invalid:border-danger disabled:opacity-55";

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  /** The label is read out only; the field's place says it to the eye. */
  isLabelHidden?: boolean;
  className?: string;
  /** Spread the given properties on the one control. */
  children: (control: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined }) => ReactNode;
}

export function Field({ label, hint, error, isLabelHidden = false, className, children }: FieldProps) {
  const id = useId();
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return (
    <div className={clsx("grid min-w-0 content-start gap-1", className)}>
      <label htmlFor={id} className={isLabelHidden ? "sr-only" : "font-medium"}>
        {label}
      </label>
      {children({ id, "aria-describedby": describedBy, "aria-invalid": error ? true : undefined })}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-xs text-danger">
          {error}
        </p>
      )}
    </div>
  );
}

type Shared = Omit<FieldProps, "children">;

export function TextField({ label, hint, error, isLabelHidden, className, ...rest }: Shared & ComponentProps<"input">) {
  return (
    <Field {...{ label, hint, error, isLabelHidden, className }}>{(control) => <input {...rest} {...control} className={INPUT} />}</Field>
  );
}

export function TextArea({ label, hint, error, isLabelHidden, className, rows = 4, ...rest }: Shared & ComponentProps<"textarea">) {
  return (
    <Field {...{ label, hint, error, isLabelHidden, className }}>{(control) => <textarea rows={rows} {...rest} {...control} className={clsx(INPUT, "py-2")} />}</Field>
  );
}

/** The browser's own select: it works with every keyboard, screen reader and phone. */
export function SelectField({ label, hint, error, isLabelHidden, className, children, ...rest }: Shared & ComponentProps<"select">) {
  return (
    <Field {...{ label, hint, error, isLabelHidden, className }}>
      {(control) => (
        <select {...rest} {...control} className={INPUT}>
          {children}
        </select>
      )}
    </Field>
  );
}

export function CheckField({ label, hint, className, ...rest }: { label: ReactNode; hint?: ReactNode; className?: string } & ComponentProps<"input">) {
  const id = useId();
  return (
    <div className={clsx("flex items-start gap-2", className)}>
      <input type="checkbox" id={id} aria-describedby={hint ? `${id}-hint` : undefined} className="mt-0.5 size-4 accent-(--accent) pointer-coarse:size-6" {...rest} />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint && (
          <p id={`${id}-hint`} className="text-xs text-muted">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

/** What went wrong with a form as a whole. */
export function FormError({ error }: { error: Error | null | undefined }) {
  if (!error) return null;
  return (
    <p role="alert" className="rounded-md border border-danger px-3 py-2 text-danger wrap-anywhere">
      {error.message}
    </p>
  );
}

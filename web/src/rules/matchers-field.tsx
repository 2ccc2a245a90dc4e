/** Conditions: one row each, or all of them as text. */
import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useId, useState } from "react";
import { useFormContext, useWatch, type FieldErrors } from "react-hook-form";

import { Button, IconButton } from "@/ui/button";
import { INPUT, TextArea } from "@/ui/field";

import { matchersText, OP_WORDS, OPS, parseMatchers, type Matcher, type Op } from "./matcher";
import { suggestionsQuery } from "./queries";

interface MatchersFieldProps {
  /** The form's field. */
  name: string;
  legend: string;
  hint: string;
}

export function MatchersField({ name, legend, hint }: MatchersFieldProps) {
  const form = useFormContext();
  const matchers = (useWatch({ control: form.control, name }) ?? []) as Matcher[];
  const [text, setText] = useState<string | null>(null);
  const known = useQuery(suggestionsQuery).data;
  const listId = useId();
  const errors = form.formState.errors[name] as (FieldErrors & { message?: string; root?: { message?: string } }) | undefined;
  const set = (next: Matcher[]) => {
    form.clearErrors(name);
    form.setValue(name, next, { shouldDirty: true, shouldValidate: form.formState.isSubmitted });
  };
  const parsed = text === null ? null : parseMatchers(text);
  const type = (next: string) => {
    setText(next);
    const { matchers: read } = parseMatchers(next);
    if (read) set(read);
  };
  return (
    <fieldset className="grid min-w-0 gap-2">
      <legend className="font-medium">{legend}</legend>
      <p className="text-xs text-muted">{hint}</p>
      {text === null ? (
        <>
          <ul className="grid gap-2">
            {matchers.map((matcher, index) => (
              <Row
                key={index}
                label={`${legend}, condition ${index + 1}`}
                matcher={matcher}
                names={[...(known?.keys() ?? [])]}
                values={known?.get(matcher.name) ?? []}
                listId={`${listId}-${index}`}
                error={rowError(errors?.[index])}
                onChange={(next) => set(matchers.map((each, at) => (at === index ? next : each)))}
                onRemove={() => set(matchers.filter((_, at) => at !== index))}
              />
            ))}
          </ul>
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => set([...matchers, { name: "", op: "=", value: "" }])} disabled={matchers.length >= 20}>
              <Plus size={16} aria-hidden /> Add a condition
            </Button>
            <Button onClick={() => setText(matchersText(matchers.filter((each) => each.name)))}>Write as text</Button>
          </div>
        </>
      ) : (
        <>
          <TextArea
          label={`${legend} as text`}
          isLabelHidden
          rows={3}
          spellCheck={false}
          value={text}
          onChange={(event) => type(event.target.value)}
          placeholder='severity="critical", service=~"pay.*"'
          error={parsed?.error ?? undefined}
          hint={parsed?.matchers && (parsed.matchers.length === 1 ? "1 condition" : `${parsed.matchers.length} conditions`)}
          />
          <Button onClick={() => setText(null)} disabled={parsed?.error != null} className="justify-self-start">
            Show as rows
          </Button>
        </>
      )}
      {(errors?.message ?? errors?.root?.message) && (
        <p role="alert" className="text-xs text-danger">
          {errors?.message ?? errors?.root?.message}
        </p>
      )}
    </fieldset>
  );
}

function rowError(error: unknown): string | undefined {
  if (!error || typeof error !== "object") return undefined;
  const { name, value, op, message } = error as Record<string, { message?: string } | undefined> & { message?: string };
  return message ?? name?.message ?? value?.message ?? op?.message;
}

interface RowProps {
  label: string;
  matcher: Matcher;
  names: readonly string[];
  values: readonly string[];
  listId: string;
  error: string | undefined;
  onChange: (next: Matcher) => void;
  onRemove: () => void;
}

function Row({ label, matcher, names, values, listId, error, onChange, onRemove }: RowProps) {
  const invalid = error ? { "aria-invalid": true, "aria-describedby": `${listId}-error` } : {};
  return (
    <li className="grid gap-1">
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto] gap-2 sm:grid-cols-[minmax(0,1fr)_9.5rem_minmax(0,1.4fr)_auto]">
        <input aria-label={`${label}: label`} placeholder="label" list={`${listId}-names`} autoComplete="off" value={matcher.name} onChange={(event) => onChange({ ...matcher, name: event.target.value })} className={INPUT} {...invalid} />
        <select aria-label={`${label}: operator`} value={matcher.op} onChange={(event) => onChange({ ...matcher, op: event.target.value as Op })} className={INPUT}>
          {OPS.map((op) => (
            <option key={op} value={op}>
              {op} {OP_WORDS[op]}
            </option>
          ))}
        </select>
        <input aria-label={`${label}: value`} placeholder="value" list={`${listId}-values`} autoComplete="off" value={matcher.value} onChange={(event) => onChange({ ...matcher, value: event.target.value })} className={`${INPUT} max-sm:order-1 max-sm:col-span-3`} {...invalid} />
        <IconButton label={`Take out ${label}`} icon={<X size={16} />} onClick={onRemove} />
      </div>
      <datalist id={`${listId}-names`}>
        {names.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <datalist id={`${listId}-values`}>
        {values.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      {error && (
        <p id={`${listId}-error`} role="alert" className="text-xs text-danger">
          {error}
        </p>
      )}
    </li>
  );
}

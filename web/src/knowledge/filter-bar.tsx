import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { useKeys } from "@/app/keys";
import { Button } from "@/ui/button";
import { INPUT, SelectField, TextField } from "@/ui/field";
import { SEVERITIES, SeverityMark, type Severity } from "@/ui/severity";

import { isNarrowed, type IncidentFilters } from "./filters";

const TYPING_MS = 200;

interface FilterBarProps {
  filters: IncidentFilters;
  onChange: (filters: IncidentFilters) => void;
  /** What the fields propose. */
  known: { categories: readonly string[]; services: readonly string[] };
}

export function FilterBar({ filters, onChange, known }: FilterBarProps) {
  const toggle = (severity: Severity) => {
    const next = filters.severity?.includes(severity) ? filters.severity.filter((each) => each !== severity) : [...(filters.severity ?? []), severity];
    onChange({ ...filters, severity: next.length > 0 ? next : undefined });
  };
  return (
    <div className="grid gap-3 rounded-lg border bg-card p-3">
      <SearchBox value={filters.q ?? ""} onChange={(q) => onChange({ ...filters, q: q || undefined })} />
      <div className="flex flex-wrap items-end gap-3">
        <fieldset className="grid gap-1">
          <legend className="text-xs text-muted">Severity</legend>
          <div className="flex flex-wrap gap-1">
            {SEVERITIES.map((severity) => (
              <Button key={severity} look={filters.severity?.includes(severity) ? "neutral" : "quiet"} aria-pressed={filters.severity?.includes(severity) ?? false} onClick={() => toggle(severity)} className="px-2 aria-pressed:bg-raised">
                <SeverityMark severity={severity} isNamed size={16} />
              </Button>
            ))}
          </div>
        </fieldset>
        <Choice label="Category" value={filters.category} options={known.categories} onChange={(category) => onChange({ ...filters, category })} />
        <Choice label="Service" value={filters.service} options={known.services} onChange={(service) => onChange({ ...filters, service })} />
        <SelectField label="State" className="w-32 max-sm:w-auto max-sm:min-w-28 max-sm:flex-1" value={filters.status ?? "active"} onChange={(event) => onChange({ ...filters, status: event.target.value === "active" ? undefined : (event.target.value as IncidentFilters["status"]) })}>
          <option value="active">Active</option>
          <option value="archived">Archived</option>
          <option value="merged">Merged</option>
        </SelectField>
        {isNarrowed(filters) && (
          <Button look="quiet" onClick={() => onChange(filters.q ? { q: filters.q } : {})}>
            Clear filters
          </Button>
        )}
      </div>
    </div>
  );
}

/** Follows the address, and tells it what is typed as soon as the typing rests. */
function SearchBox({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const field = useRef<HTMLInputElement>(null);
  const tell = useRef(onChange);
  tell.current = onChange;
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setTyped(value);
  }, [value]);
  useEffect(() => {
    const q = typed.trim();
    if (q === told.current) return;
    const timer = setTimeout(() => {
      told.current = q;
      tell.current(q);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  useKeys({ "/": () => field.current?.focus() });
  return (
    <label className="relative block">
      <span className="sr-only">Search the knowledge base</span>
      <Search size={16} aria-hidden className="absolute top-1/2 left-3 -translate-y-1/2 text-muted" />
      <input ref={field} type="search" value={typed} onChange={(event) => setTyped(event.target.value)} placeholder='Words, "a phrase", -without' maxLength={200} className={`${INPUT} pl-9`} />
    </label>
  );
}

function Choice({ label, value, options, onChange }: { label: string; value: string | undefined; options: readonly string[]; onChange: (value: string | undefined) => void }) {
  const list = `known-${label.toLowerCase()}`;
  const commit = (text: string) => text.trim() !== (value ?? "") && onChange(text.trim() || undefined);
  return (
    <>
      <TextField
        key={value ?? ""}
        label={label}
        className="w-40 max-sm:w-auto max-sm:min-w-28 max-sm:flex-1"
        list={list}
        defaultValue={value ?? ""}
        placeholder="any"
        maxLength={200}
        onBlur={(event) => commit(event.target.value)}
        onChange={(event) => options.includes(event.target.value) && commit(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && commit(event.currentTarget.value)}
      />
      <datalist id={list}>
        {options.map((option) => (
          <option key={option} value={option} />
        ))}
      </datalist>
    </>
  );
}

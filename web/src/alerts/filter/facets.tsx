/** How many alerts have which value, and which of them the list shows. */
import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { Check, Minus } from "lucide-react";
import { memo, useState } from "react";

import { facetsQuery } from "@/alerts/list/queries";
import { Loaded } from "@/ui/panel";
import { SeverityMark, type Severity } from "@/ui/severity";

import { FACETS, nameOfField, namesOf, pressed, rowsOf, type FacetField, type FacetRow } from "./facets-model";
import type { AlertFilter } from "./search";

const SHORT = 6;

interface FacetsProps {
  filter: AlertFilter;
  onChange: (filter: AlertFilter) => void;
}

export const Facets = memo(function Facets({ filter, onChange }: FacetsProps) {
  const query = useQuery(facetsQuery(filter));
  return (
    <Loaded query={query} what="The filters" lines={8}>
      {(facets) => {
        const names = namesOf(facets);
        return (
          <div className="grid gap-4">
            {facets.cut.length > 0 && <p className="text-xs text-muted">There are many alerts: these are the counts of the newest 10,000.</p>}
            {FACETS.map((field) => (
              <Facet key={field} field={field} rows={rowsOf(facets, field, filter, names)} onPress={(value, stand) => onChange(pressed(filter, field, value, stand))} />
            ))}
          </div>
        );
      }}
    </Loaded>
  );
});

type Press = (value: string, stand: FacetRow["stand"] | "only") => void;

function Facet({ field, rows, onPress }: { field: FacetField; rows: readonly FacetRow[]; onPress: Press }) {
  const [isLong, setLong] = useState(false);
  if (rows.length === 0) return null;
  const shown = isLong ? rows : rows.filter((row, place) => place < SHORT || row.stand !== "free");
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-xs font-medium text-muted first-letter:uppercase">
        {nameOfField(field)}
      </legend>
      <ul>
        {shown.map((row) => (
          <Value key={row.value} field={field} row={row} onPress={onPress} />
        ))}
      </ul>
      {rows.length > shown.length && (
        <button type="button" className="link min-h-7 text-xs" onClick={() => setLong(true)}>
          {rows.length - shown.length} more
        </button>
      )}
    </fieldset>
  );
}

function Value({ field, row, onPress }: { field: FacetField; row: FacetRow; onPress: Press }) {
  const { value, name, count, stand } = row;
  const spoken = `${nameOfField(field)} ${name}`;
  return (
    <li className="group relative flex min-h-7 items-center rounded hover:bg-raised focus-within:bg-raised pointer-coarse:min-h-11">
      <button
        type="button"
        role="checkbox"
        aria-checked={stand === "in"}
        aria-label={`${spoken}, ${count} alerts${stand === "out" ? ", left out" : ""}`}
        onClick={() => onPress(value, stand === "free" ? "in" : "free")}
        className="flex min-w-0 flex-1 items-center gap-2 self-stretch rounded px-1 text-left"
      >
        <span aria-hidden className={clsx("grid size-4 shrink-0 place-items-center rounded border", stand === "in" ? "border-accent bg-accent text-bg" : "border-control bg-bg")}>
          {stand === "in" && <Check size={12} strokeWidth={3} />}
          {stand === "out" && <Minus size={12} strokeWidth={3} />}
        </span>
        {field === "severity" && <SeverityMark severity={value as Severity} size={16} />}
        <span className={clsx("min-w-0 flex-1 truncate", stand === "out" && "text-muted line-through")} title={name}>
          {name}
        </span>
        <span className="text-xs text-muted tabular-nums group-focus-within:invisible group-hover:invisible pointer-coarse:visible!">{count.toLocaleString("en-GB")}</span>
      </button>
      <span className="absolute right-0 flex bg-raised opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:static pointer-coarse:bg-transparent pointer-coarse:opacity-100">
        <Small label={`Only ${spoken}`} onClick={() => onPress(value, "only")}>
          only
        </Small>
        <Small label={`Not ${spoken}`} isOn={stand === "out"} onClick={() => onPress(value, stand === "out" ? "free" : "out")}>
          not
        </Small>
      </span>
    </li>
  );
}

function Small({ label, isOn, onClick, children }: { label: string; isOn?: boolean; onClick: () => void; children: string }) {
  return (
    <button type="button" aria-label={label} aria-pressed={isOn} title={label} onClick={onClick} className={clsx("min-h-7 min-w-7 rounded px-1 text-xs hover:text-text pointer-coarse:min-h-11 pointer-coarse:min-w-11", isOn ? "text-text underline" : "text-accent")}>
      {children}
    </button>
  );
}

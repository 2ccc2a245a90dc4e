/** What is filtered, in words; each can be taken away. */
import { X } from "lucide-react";

import { moment } from "@/time/words";

import { nameOfField, nameOfValue, type ValueNames } from "./facets-model";
import { chipsOf, type AlertFilter, type Chip } from "./search";

interface ChipsProps {
  filter: AlertFilter;
  names: ValueNames;
  onChange: (filter: AlertFilter) => void;
}

export function ListChips({ filter, names, onChange }: ChipsProps) {
  const chips = chipsOf(filter);
  if (chips.length === 0) return null;
  return (
    <ul aria-label="Filters in force" className="flex flex-wrap items-center gap-1.5">
      {chips.map((chip) => {
        const words = wordsOf(chip, names);
        return (
          <li key={`${chip.field} ${chip.value}`}>
            <button
              type="button"
              onClick={() => onChange(chip.rest)}
              aria-label={`Remove filter ${words}`}
              className={`inline-flex min-h-7 max-w-full items-center gap-1 rounded-full border px-2.5 text-xs hover:bg-raised pointer-coarse:min-h-11 ${chip.isLeftOut ? "border-dashed border-control" : "border-control bg-card"}`}
            >
              <span className="wrap-anywhere">{words}</span>
              <X size={12} aria-hidden className="shrink-0" />
            </button>
          </li>
        );
      })}
      <li>
        <button type="button" className="link min-h-7 px-1.5 text-xs pointer-coarse:min-h-11" onClick={() => onChange({})}>
          Clear all
        </button>
      </li>
    </ul>
  );
}

function wordsOf({ field, isLeftOut, value }: Chip, names: ValueNames): string {
  if (field === "q") return `“${value}”`;
  if (field === "knowledge") return value === "true" ? "with a known fix" : "without a known fix";
  if (field === "muted") return value === "true" ? "muted" : "not muted";
  if (field === "muted_by") return `muted by ${names.get(`muted_by ${value}`) ?? "a rule that mutes none of these"}`;
  if (field === "after" || field === "before") return `${field} ${moment(value)}`;
  const name = field.replace(/^not_/u, "");
  return `${nameOfField(name)} ${isLeftOut ? "is not" : "is"} ${nameOfValue(name, value, names)}`;
}

import { clsx } from "clsx";

import { allOf, EVENT_TYPES } from "./event-types";

interface EventTypesFieldProps {
  value: readonly string[];
  onChange: (value: string[]) => void;
  error?: string | undefined;
}

/** Which events: all, all of a noun, or single ones. */
export function EventTypesField({ value, onChange, error }: EventTypesFieldProps) {
  const isAll = value.includes("*");
  const toggle = (type: string) => onChange(value.includes(type) ? value.filter((each) => each !== type) : [...value, type]);
  const known = new Set(["*", ...Object.entries(EVENT_TYPES).flatMap(([noun, verbs]) => [allOf(noun), ...verbs.map((verb) => `${noun}.${verb}`)])]);
  const unknown = value.filter((type) => !known.has(type));
  return (
    <fieldset className="grid gap-2" aria-describedby={error ? "event-types-error" : undefined}>
      <legend className="mb-1 font-medium">Events</legend>
      <Box type="*" label="All events" isChecked={isAll} onToggle={toggle} />
      <div className={clsx("grid gap-1", isAll && "opacity-55")}>
        {Object.entries(EVENT_TYPES).map(([noun, verbs]) => {
          const isWhole = isAll || value.includes(allOf(noun));
          return (
            <div key={noun} role="group" aria-label={noun} className="grid gap-x-3 border-t pt-1 sm:grid-cols-[8rem_minmax(0,1fr)]">
              <Box type={allOf(noun)} label={allOf(noun)} isChecked={isWhole} isDisabled={isAll} onToggle={toggle} />
              <div className="flex flex-wrap gap-x-3">
                {verbs.map((verb) => (
                  <Box key={verb} type={`${noun}.${verb}`} label={verb} isChecked={isWhole || value.includes(`${noun}.${verb}`)} isDisabled={isWhole} onToggle={toggle} />
                ))}
              </div>
            </div>
          );
        })}
        {unknown.map((type) => (
          <Box key={type} type={type} label={type} isChecked isDisabled={isAll} onToggle={toggle} />
        ))}
      </div>
      {error && (
        <p id="event-types-error" role="alert" className="text-xs text-danger">
          {error}
        </p>
      )}
    </fieldset>
  );
}

function Box({ type, label, isChecked, isDisabled = false, onToggle }: { type: string; label: string; isChecked: boolean; isDisabled?: boolean; onToggle: (type: string) => void }) {
  return (
    <label className="inline-flex min-h-7 items-center gap-1.5 pointer-coarse:min-h-11">
      <input type="checkbox" value={type} checked={isChecked} disabled={isDisabled} onChange={() => onToggle(type)} className="size-4 accent-(--accent)" />
      {label}
    </label>
  );
}

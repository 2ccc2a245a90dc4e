/** A zone out of all that the browser knows, found by typing a part of its name. */
import { useId, useMemo, useState } from "react";

import { INPUT } from "@/ui/field";

import { allZones, isZone } from "./zones";

interface ZoneSelectProps {
  label: string;
  value: string;
  onChange: (zone: string) => void;
  error?: string | undefined;
  hint?: string;
  isCompact?: boolean;
}

/** What is typed counts once it names a zone; the list of the browser narrows as one types. */
export function ZoneSelect({ label, value, onChange, error, hint, isCompact = false }: ZoneSelectProps) {
  const id = useId();
  const zones = useMemo(allZones, []);
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? value;
  const take = (text: string) => {
    const zone = zones.find((each) => each.toLowerCase() === text.trim().replaceAll(" ", "_").toLowerCase());
    if (zone) onChange(zone);
    setTyped(zone ? null : text);
  };
  const isWrong = typed !== null && !isZone(typed);
  const message = error ?? (isWrong ? "No zone has this name. Type a part of a city, such as Berlin." : undefined);
  return (
    <div className={isCompact ? "flex flex-wrap items-center gap-2" : "grid content-start gap-1"}>
      <label htmlFor={id} className={isCompact ? "text-muted" : "font-medium"}>
        {label}
      </label>
      <input
        id={id}
        list={`${id}-zones`}
        className={`${INPUT} ${isCompact ? "w-52!" : ""}`}
        value={shown}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={message ? true : undefined}
        aria-describedby={message ? `${id}-error` : hint ? `${id}-hint` : undefined}
        onFocus={(event) => event.target.select()}
        onChange={(event) => take(event.target.value)}
        onBlur={() => isWrong && setTyped(null)}
      />
      <datalist id={`${id}-zones`}>
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      {hint && !isCompact && (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      )}
      {message && (
        <p id={`${id}-error`} role="alert" className="text-xs text-danger">
          {message}
        </p>
      )}
    </div>
  );
}

/** The alert that a ladder is tried with: when it opens and how bad it is, typed or taken from an alert that was. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { inputOf, instantOf } from "@/time/local-input";
import { absolute, localZone } from "@/time/words";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Picker } from "@/ui/picker";
import { SEVERITIES, type Severity } from "@/ui/severity";
import { useSettled } from "@/ui/use-settled";

import { alertsQuery, type Moment } from "./queries";

interface MomentFormProps {
  value: Moment;
  onChange: (next: Moment) => void;
}

export function MomentForm({ value, onChange }: MomentFormProps) {
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const alerts = useQuery(alertsQuery(useSettled(words)));
  const found = alerts.data?.items ?? [];
  return (
    <div className="@container">
      <div className="grid gap-3 @md:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)]">
        <TextField
          label="An alert opens"
          type="datetime-local"
          value={value.at ? inputOf(value.at) : ""}
          onChange={(event) => {
            setChosen(null);
            onChange({ ...value, at: instantOf(event.target.value) });
          }}
          hint={value.at ? absolute(value.at) : `Empty means now. ${localZone}.`}
        />
        <SelectField label="Severity" value={value.severity} onChange={(event) => onChange({ ...value, severity: event.target.value as Severity })}>
          {SEVERITIES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </SelectField>
        <div className="flex flex-wrap items-end gap-2 @md:col-span-2">
          <div className="grid flex-1 basis-60 gap-1">
            <p aria-hidden className="font-medium">
              Or as an alert that was
            </p>
              <Picker
                label="Find an alert that was"
                placeholder="Find an alert by its words"
                onSearch={setWords}
                nothing={alerts.isPending ? "Looking…" : alerts.error ? "Alerts could not be loaded." : "No alert fits."}
                choices={found.map((alert) => ({ value: alert.id, label: alert.title, detail: `${alert.severity}, ${absolute(alert.first_fired_at)}` }))}
                onPick={(id) => {
                  const alert = found.find((each) => each.id === id);
                  if (!alert) return;
                  setChosen(`As “${alert.title}”`);
                  onChange({ at: alert.first_fired_at, severity: alert.severity });
                }}
              />
            {chosen && <p className="text-xs text-muted wrap-anywhere">{chosen}</p>}
          </div>
          {value.at && (
            <Button
              onClick={() => {
                setChosen(null);
                onChange({ ...value, at: null });
              }}
            >
              Now
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

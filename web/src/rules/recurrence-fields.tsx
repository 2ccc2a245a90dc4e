import { useFormContext, useWatch } from "react-hook-form";

import { CheckField, SelectField, TextField } from "@/ui/field";

import type { WindowValues } from "./forms";
import { NTH_WORDS, recurrenceWords, ruleOf, WEEKDAYS, WEEKDAY_WORDS, type Recurrence } from "./recurrence";

/** How often a window comes again. What these fields cannot say is written as a recurrence of RFC 5545. */
export function RecurrenceFields() {
  const form = useFormContext<WindowValues>();
  const again = useWatch({ control: form.control, name: "recurrence" });
  const errors = form.formState.errors.recurrence;
  const set = (change: Partial<Recurrence>) => form.setValue("recurrence", { ...again, ...change }, { shouldDirty: true, shouldValidate: form.formState.isSubmitted });
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-1 font-medium">Comes again</legend>
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField label="How often" isLabelHidden value={again.every} onChange={(event) => set({ every: event.target.value as Recurrence["every"], days: [], rule: again.rule || (ruleOf(again) ?? "") })}>
          <option value="once">never: it comes once</option>
          <option value="day">daily</option>
          <option value="week">weekly</option>
          <option value="month">monthly</option>
          <option value="rule">by a rule that I write</option>
        </SelectField>
        {["day", "week", "month"].includes(again.every) && (
          <SelectField label="Which of them" isLabelHidden value={again.interval} onChange={(event) => set({ interval: Number(event.target.value) })}>
            {[...new Set([1, 2, 3, 4, 6, 12, again.interval])].map((count) => (
              <option key={count} value={count}>
                {count === 1 ? `each ${again.every}` : `one in ${count} ${again.every}s`}
              </option>
            ))}
          </SelectField>
        )}
      </div>
      {again.every === "week" && (
        <div role="group" aria-label="On which days" className="flex flex-wrap gap-x-4 gap-y-1">
          {WEEKDAYS.map((day) => (
            <CheckField
              key={day}
              className="min-h-7 items-center pointer-coarse:min-h-11"
              label={WEEKDAY_WORDS[day]}
              checked={again.days.includes(day)}
              onChange={(event) => set({ days: event.target.checked ? [...again.days, day] : again.days.filter((each) => each !== day) })}
            />
          ))}
        </div>
      )}
      {again.every === "month" && (
        <div className="grid gap-3 sm:grid-cols-2">
          <SelectField label="Which one of the month" isLabelHidden value={again.days.length ? again.nth : ""} onChange={(event) => set(event.target.value ? { nth: event.target.value, days: again.days.length ? again.days : ["SU"] } : { days: [] })}>
            <option value="">on the same day of the month</option>
            {Object.entries(NTH_WORDS).map(([nth, words]) => (
              <option key={nth} value={nth}>
                on the {words}
              </option>
            ))}
          </SelectField>
          {again.days.length > 0 && (
            <SelectField label="Which day of the week" isLabelHidden value={again.days[0]} onChange={(event) => set({ days: [event.target.value as Recurrence["days"][number]] })}>
              {WEEKDAYS.map((day) => (
                <option key={day} value={day}>
                  {WEEKDAY_WORDS[day]}
                </option>
              ))}
            </SelectField>
          )}
        </div>
      )}
      {again.every === "rule" ? (
        <TextField label="Rule" placeholder="FREQ=YEARLY;BYMONTH=12;BYDAY=-1SU" hint="A recurrence of RFC 5545, without BYHOUR: the time of day is that of the start." value={again.rule} onChange={(event) => set({ rule: event.target.value })} error={errors?.rule?.message} />
      ) : (
        <>
          <p className="text-xs text-muted">It comes {recurrenceWords(ruleOf(again))}, at the same time of day when the clocks change too.</p>
          {errors?.rule?.message && (
            <p role="alert" className="text-xs text-danger">
              {errors.rule.message}
            </p>
          )}
        </>
      )}
    </fieldset>
  );
}

/** Fields of a roster, for the settings and the wizard. */
import type { UseFormReturn } from "react-hook-form";

import { SelectField, TextArea, TextField } from "@/ui/field";

import type { Roster } from "./queries";
import type { RosterForm } from "./roster-form";
import { WEEKDAYS } from "./words";
import { ZoneSelect } from "./zone-select";

interface FieldsProps {
  form: UseFormReturn<RosterForm>;
}

export function NameFields({ form }: FieldsProps) {
  const { errors } = form.formState;
  return (
    <>
      <TextField label="Name" {...form.register("name")} error={errors.name?.message} />
      <TextArea label="Description" rows={2} {...form.register("description")} error={errors.description?.message} />
    </>
  );
}

export function PatternFields({ form }: FieldsProps) {
  const { errors } = form.formState;
  const pattern = form.watch("pattern");
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField label="A turn lasts" {...form.register("pattern")} error={errors.pattern?.message}>
        <option value="weekly">one week</option>
        <option value="daily">one day</option>
        <option value="days">a number of days</option>
        <option value="hours">a number of hours</option>
      </SelectField>
      {(pattern === "days" || pattern === "hours") && <TextField label={pattern === "days" ? "Days" : "Hours"} type="number" min={1} max={pattern === "days" ? 366 : 8784} {...form.register("length")} error={errors.length?.message} />}
    </div>
  );
}

export function HandoffFields({ form }: FieldsProps) {
  const { errors } = form.formState;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <ZoneSelect label="Zone" value={form.watch("timezone")} onChange={(zone) => form.setValue("timezone", zone, { shouldDirty: true, shouldValidate: true })} error={errors.timezone?.message} hint="All times of this roster are by its clock." />
      <TextField label="Handoff time" type="time" {...form.register("handoff_time")} error={errors.handoff_time?.message} hint={`By the clock of ${form.watch("timezone")}.`} />
      <SelectField label="Handoff day" {...form.register("handoff_day")} error={errors.handoff_day?.message} hint="Moves the handoffs of whole weeks; the first turn is then short.">
        <option value="">as the first day says</option>
        {WEEKDAYS.map((day, index) => (
          <option key={day} value={index + 1}>
            {day}
          </option>
        ))}
      </SelectField>
      <TextField label="First day" type="date" {...form.register("start_date")} error={errors.start_date?.message} hint="The first turn begins at the handoff time of this day." />
    </div>
  );
}

export function HoursFields({ form, rosters, self }: FieldsProps & { rosters: readonly Roster[]; self?: string }) {
  const { errors } = form.formState;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField label="Active from" type="time" {...form.register("active_from")} error={errors.active_from?.message} hint="Empty: on call around the clock." />
      <TextField label="Active until" type="time" {...form.register("active_until")} error={errors.active_until?.message} hint={`By the clock of ${form.watch("timezone")}.`} />
      <SelectField label="Outside these hours ask" {...form.register("linked_roster_id")} error={errors.linked_roster_id?.message} hint="Follow the sun: the roster of the next site." className="sm:col-span-2">
        <option value="">nobody</option>
        {rosters
          .filter((roster) => roster.id !== self)
          .map((roster) => (
            <option key={roster.id} value={roster.id}>
              {roster.name} ({roster.timezone})
            </option>
          ))}
      </SelectField>
    </div>
  );
}

/** What the five forms ask. */
import { useQuery } from "@tanstack/react-query";
import { Controller, useFormContext, useWatch, type FieldPath } from "react-hook-form";

import { serverNow } from "@/time/clock";
import { inputOf, instantOf } from "@/time/local-input";
import { absolute, localZone, relative } from "@/time/words";
import { Button } from "@/ui/button";
import { CheckField, SelectField, TextArea, TextField } from "@/ui/field";
import { ZoneField } from "@/ui/zone-field";

import type { GroupingValues, InhibitionValues, RouteValues, SilenceValues, WindowValues } from "./forms";
import { MatchersField } from "./matchers-field";
import { PRESETS } from "./presets";
import { namesQuery } from "./queries";
import { RecurrenceFields } from "./recurrence-fields";

const ALL_FIT = "Every condition must fit. A label that is missing counts as empty; a pattern must fit the whole value.";

function NameField() {
  const form = useFormContext<{ name: string }>();
  return <TextField label="Name" error={form.formState.errors.name?.message} {...form.register("name")} />;
}

function EnabledField() {
  const form = useFormContext<{ is_enabled: boolean }>();
  return <CheckField label="In force" hint="Turned off, it is kept and does nothing." {...form.register("is_enabled")} />;
}

export function RouteFields() {
  const form = useFormContext<RouteValues>();
  const names = useQuery(namesQuery).data;
  const [service, policy] = useWatch({ control: form.control, name: ["service_id", "policy_id"] });
  const { errors } = form.formState;
  return (
    <>
      <NameField />
      <MatchersField name="matchers" legend="Alerts that fit" hint={`${ALL_FIT} Without conditions it fits everything.`} />
      <div className="grid gap-3 sm:grid-cols-2">
        <Chosen name="service_id" label="Service" none="As the alert's label says" current={service} choices={names?.services} error={errors.service_id?.message} />
        <Chosen name="policy_id" label="Policy" none="As the service has it" current={policy} choices={names?.policies} error={errors.policy_id?.message} />
        <TextField label="Slack channel" placeholder="C0PAYMENTS" hint="Its id. Empty: the tenant's channel." error={errors.slack_channel?.message} {...form.register("slack_channel")} />
        <SelectField label="Pages from" error={errors.pages_from?.message} {...form.register("pages_from")}>
          <option value="">as usual: major and critical</option>
          <option value="critical">critical</option>
          <option value="major">major</option>
          <option value="warning">warning</option>
          <option value="info">info, so always</option>
          <option value="never">never: it pages nobody</option>
        </SelectField>
      </div>
      <CheckField label="Later routes may decide what this one leaves open" {...form.register("continues")} />
      <EnabledField />
    </>
  );
}

/** A select over names that come from the server; what is stored stays choosable before and without them. */
function Chosen({ name, label, none, current, choices, error }: { name: FieldPath<RouteValues>; label: string; none: string; current: string; choices: ReadonlyArray<{ id: string; name: string }> | undefined; error: string | undefined }) {
  const form = useFormContext<RouteValues>();
  const isKnown = !current || choices?.some((each) => each.id === current);
  return (
    <Controller
      control={form.control}
      name={name}
      render={({ field }) => (
        <SelectField label={label} error={error} {...field} value={String(field.value)}>
          <option value="">{none}</option>
          {!isKnown && <option value={current}>{choices ? `unknown: ${current}` : "…"}</option>}
          {choices?.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </SelectField>
      )}
    />
  );
}

export function SilenceFields() {
  const form = useFormContext<SilenceValues>();
  const { errors } = form.formState;
  const [starts, ends] = useWatch({ control: form.control, name: ["starts_at", "ends_at"] });
  const [from, until] = [instantOf(starts), instantOf(ends)];
  const now = serverNow();
  return (
    <>
      <MatchersField name="matchers" legend="Alerts that fit" hint={ALL_FIT} />
      <div className="grid gap-2">
        <div role="group" aria-label="How long" className="flex flex-wrap gap-2">
          {PRESETS.map((preset) => (
            <Button key={preset.label} onClick={() => form.setValue("ends_at", inputOf(preset.endAt(from ? Date.parse(from) : now)), { shouldDirty: true, shouldValidate: true })}>
              {preset.label}
            </Button>
          ))}
        </div>
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField label="From" type="datetime-local" hint={from ? absolute(from) : `Empty means now. ${localZone}.`} error={errors.starts_at?.message} {...form.register("starts_at")} />
          <TextField label="Until" type="datetime-local" hint={until ? `${absolute(until)}, ${relative(Date.parse(until), now)}` : localZone} error={errors.ends_at?.message} {...form.register("ends_at")} />
        </div>
      </div>
      <TextArea label="Why" rows={2} error={errors.comment?.message} {...form.register("comment")} />
    </>
  );
}

export function WindowFields() {
  const form = useFormContext<WindowValues>();
  const { errors } = form.formState;
  return (
    <>
      <NameField />
      <MatchersField name="matchers" legend="Alerts that fit" hint={ALL_FIT} />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField label="Begins" type="datetime-local" hint="On the clock of the zone." error={errors.starts_at?.message} {...form.register("starts_at")} />
        <ZoneField label="Zone" error={errors.timezone?.message} {...form.register("timezone")} />
        <TextField label="Minutes that it lasts" type="number" inputMode="numeric" min={1} max={43_200} error={errors.duration_minutes?.message} {...form.register("duration_minutes", { valueAsNumber: true })} />
      </div>
      <RecurrenceFields />
      <EnabledField />
    </>
  );
}

export function GroupingFields() {
  const form = useFormContext<GroupingValues>();
  const { errors } = form.formState;
  return (
    <>
      <NameField />
      <MatchersField name="matchers" legend="Alerts that fit" hint={`${ALL_FIT} Without conditions it fits everything.`} />
      <TextField label="One group per value of" placeholder="cluster, namespace" hint="Labels, with commas between. Without any, all that fit are one group." error={errors.group_by?.message} {...form.register("group_by")} />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField label="Alerts that begin a group" type="number" inputMode="numeric" min={1} max={100} hint="So many of one kind; before that they stay alone." error={errors.threshold?.message} {...form.register("threshold", { valueAsNumber: true })} />
        <TextField label="Minutes that it takes alerts" type="number" inputMode="numeric" min={1} max={1440} hint="After the last one that it took." error={errors.window_minutes?.message} {...form.register("window_minutes", { valueAsNumber: true })} />
      </div>
      <SelectField label="Who pages" error={errors.pages?.message} {...form.register("pages")}>
        <option value="first">the first alert, for all of them</option>
        <option value="each">each alert; the group is for the eye only</option>
      </SelectField>
      <EnabledField />
    </>
  );
}

export function InhibitionFields() {
  const form = useFormContext<InhibitionValues>();
  const { errors } = form.formState;
  return (
    <>
      <NameField />
      <MatchersField name="source_matchers" legend="While an alert like this is open" hint="The cause. Every condition must fit." />
      <MatchersField name="target_matchers" legend="Alerts like this page nobody" hint="Its followers. Every condition must fit." />
      <TextField label="If both have the same" placeholder="cluster, node" hint="Labels, with commas between. Without any, every cause mutes every follower." error={errors.equal?.message} {...form.register("equal")} />
      <EnabledField />
    </>
  );
}

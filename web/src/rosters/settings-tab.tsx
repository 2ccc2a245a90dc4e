import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useForm } from "react-hook-form";

import { client, Problem, read } from "@/api/client";
import { may, useMe } from "@/session/me";
import { serverNow } from "@/time/clock";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { FormError, TextField } from "@/ui/field";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";

import { Outdated } from "./outdated";
import { PolicyPanel } from "./policy-panel";
import { PreviewOf } from "./preview-view";
import { isOutdated, restOf } from "./problems";
import { forgetRosters, rostersQuery } from "./queries";
import { HandoffFields, HoursFields, NameFields, PatternFields } from "./roster-fields";
import { contentOf, formField, formOf, hasChanged, rosterSchema, type RosterForm } from "./roster-form";
import type { TabProps } from "./roster-page";
import { DAY, iso } from "./zones";

const SHOWN = 42 * DAY;

export default function SettingsTab({ roster, etag }: TabProps) {
  const me = useMe();
  const { hours, link } = useSearch({ from: "/shell/rosters/$rosterId" });
  const rosters = useQuery(rostersQuery);
  const [now] = useState(serverNow);
  const saved = formOf(roster);
  const form = useForm<RosterForm>({ resolver: zodResolver(rosterSchema), defaultValues: { ...saved, ...filledIn(hours, link) }, mode: "onTouched" });
  const values = form.watch();
  const parsed = rosterSchema.safeParse(values);
  const isChanged = hasChanged(values, roster);
  const mayPlan = may(me, "manager");
  const save = useMutation({
    mutationFn: (typed: RosterForm) =>
      read(client.PUT("/api/v1/rosters/{roster_id}", { params: { path: { roster_id: roster.id }, header: etag ? { "If-Match": etag } : {} }, body: contentOf(typed, roster.rotation_days) })),
    onSuccess: (answer) => {
      void forgetRosters();
      form.reset(formOf(answer));
      toast.done("Settings saved.");
    },
    onError: (error) => {
      if (!(error instanceof Problem)) return;
      for (const { field, reason } of error.fields) {
        const name = formField(field);
        if (name) form.setError(name, { message: reason });
      }
    },
  });
  // What the roster's list of options lacks until it is loaded must not be lost from the select.
  useEffect(() => form.setValue("linked_roster_id", form.getValues("linked_roster_id")), [rosters.data, form]);
  const submit = form.handleSubmit((typed) => {
    if (!hasChanged(typed, roster)) return toast.done("Nothing has changed, so nothing was saved.");
    save.mutate(typed);
  });
  const told = save.error instanceof Problem ? save.error.fields.filter((each) => formField(each.field)).map((each) => each.field.replace(/^\$\./u, "")) : [];
  return (
    <div className="grid gap-4">
      <Panel title="Settings">
        <form onSubmit={(event) => void submit(event)} noValidate>
          <fieldset disabled={!mayPlan} className="grid max-w-3xl gap-4">
            {!mayPlan && <p className="text-muted">Changing a roster needs the role manager. This is how it stands.</p>}
            <NameFields form={form} />
            <PatternFields form={form} />
            <HandoffFields form={form} />
            <TextField label="Last day (optional)" type="date" {...form.register("end_date")} error={form.formState.errors.end_date?.message} hint="Nobody is on call after it." className="max-w-80" />
            <TextField label="Most weeks in a row (optional)" type="number" min={1} max={52} {...form.register("max_weeks")} error={form.formState.errors.max_weeks?.message} hint="Previews warn of more for one person. It moves nobody." className="max-w-80" />
            <HoursFields form={form} rosters={rosters.data ?? []} self={roster.id} />
            {mayPlan && isChanged && parsed.success && <PreviewOf rosterId={roster.id} zone={roster.timezone} order={{ starts_at: iso(now), ends_at: iso(now + SHOWN), definition: contentOf(parsed.data, roster.rotation_days) }} />}
            {isOutdated(save.error) ? <Outdated onNewest={() => void forgetRosters().then(() => save.reset())} /> : <FormError error={restOf(save.error, told)} />}
            {mayPlan && (
              <div className="flex flex-wrap items-center gap-2">
                <Button look="ack" type="submit" isBusy={save.isPending}>
                  Save settings
                </Button>
                <Button disabled={!isChanged} onClick={() => form.reset(saved)}>
                  Discard changes
                </Button>
                <span className="text-muted">{isChanged ? "Not saved yet." : "Nothing to save."}</span>
              </div>
            )}
          </fieldset>
        </form>
      </Panel>
      <PolicyPanel roster={roster} mayPlan={mayPlan} />
      {mayPlan && <DeletePanel roster={roster} etag={etag} />}
    </div>
  );
}

/** A change that a gap's banner offers, not saved yet. */
function filledIn(hours: string | undefined, link: string | undefined): Partial<RosterForm> {
  const [from = "", until = ""] = hours && hours !== "all" ? hours.split("-") : [];
  return { ...(hours ? { active_from: from, active_until: until } : {}), ...(link ? { linked_roster_id: link } : {}) };
}

function DeletePanel({ roster, etag }: TabProps) {
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => read(client.DELETE("/api/v1/rosters/{roster_id}", { params: { path: { roster_id: roster.id }, header: etag ? { "If-Match": etag } : {} } })),
    onSuccess: async () => {
      await navigate({ to: "/rosters" });
      void forgetRosters();
      toast.done(`${roster.name} is deleted.`);
    },
    onSettled: () => setAsking(false),
  });
  return (
    <Panel title="Delete this roster">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-muted">Not possible while a policy or another roster asks it. A last day keeps it instead.</p>
        <Button look="danger" onClick={() => setAsking(true)}>
          Delete roster
        </Button>
      </div>
      <div className="mt-3">
        <FormError error={remove.error} />
      </div>
      <Confirm isOpen={isAsking} onClose={() => setAsking(false)} onConfirm={() => remove.mutate()} title={`Delete ${roster.name}?`} action="Delete roster" isDanger isBusy={remove.isPending}>
        Its members, overrides and swaps go with it. Who was on call can still be asked with a time from before.
      </Confirm>
    </Panel>
  );
}

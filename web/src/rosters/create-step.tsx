/** The last step: six weeks to look at, then the roster is made. What is made in part is said exactly. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { client, Problem, read } from "@/api/client";
import { queries } from "@/api/queries";
import { serverNow } from "@/time/clock";
import { Button } from "@/ui/button";
import { FormError } from "@/ui/field";
import { toast } from "@/ui/toast";

import { letPolicyAsk } from "./policy-link";
import { forgetRosters, previewQuery, rostersQuery, type PreviewOrder, type RosterDetail, type User } from "./queries";
import { Loaded } from "@/ui/panel";
import { contentOf, formField, type RosterForm } from "./roster-form";
import { Strip } from "./strip";
import { turnsOf } from "./turns";
import { hours, many, spanWords } from "./words";
import { DAY, fromWall, iso } from "./zones";

const SHOWN = 42 * DAY;

interface CreateStepProps {
  form: RosterForm;
  people: readonly User[];
  policy: { id: string; name: string } | null;
  onBack: () => void;
  onRefused: (field: keyof RosterForm, reason: string) => void;
  onDone: (rosterId: string) => void;
}

export function CreateStep({ form, people, policy, onBack, onRefused, onDone }: CreateStepProps) {
  const [made, setMade] = useState<RosterDetail | null>(null);
  // The same for each try, so that a repeat after a lost answer makes no second roster.
  const [once] = useState(() => crypto.randomUUID());
  const create = useMutation({
    mutationFn: async () => {
      const roster =
        made ?? (await read(client.POST("/api/v1/rosters", { params: { header: { "Idempotency-Key": once } }, body: { ...contentOf(form), members: people.map((person) => person.id) } })));
      setMade(roster);
      if (policy) await letPolicyAsk(policy.id, roster.id);
      return roster;
    },
    onSuccess: (roster) => {
      void forgetRosters();
      void queries.invalidateQueries({ queryKey: ["policy"] });
      toast.done(`${roster.name} is made.`);
      onDone(roster.id);
    },
    onError: (error) => {
      if (made || !(error instanceof Problem)) return;
      const told = error.fields.flatMap(({ field, reason }) => {
        const name = formField(field);
        return name ? [{ name, reason }] : [];
      });
      if (told[0]) onRefused(told[0].name, told[0].reason);
    },
  });
  return (
    <div className="grid gap-4">
      <SixWeeks form={form} people={people} />
      <ul className="list-inside list-disc text-muted">
        <li>{people.length ? `${many(people.length, "person", "people")} in turn: ${people.map((person) => person.display_name).join(", ")}` : "Nobody takes turns yet: nobody can be paged through it."}</li>
        <li>{policy ? `The policy ${policy.name} asks it from then on, in a new version.` : "No policy asks it yet: nobody is paged through it."}</li>
      </ul>
      {made && create.error && (
        <div role="alert" className="grid gap-3 rounded-md border border-warning p-3">
          <p>
            The roster {made.name} exists, with {many(made.members.length, "member")}. The policy {policy?.name} was not changed and does not ask it yet.
          </p>
          <Button className="justify-self-start" onClick={() => onDone(made.id)}>
            Go to the roster without the policy
          </Button>
        </div>
      )}
      <FormError error={create.error} />
      <div className="mt-2 flex flex-wrap gap-2 border-t pt-4">
        <Button onClick={onBack} disabled={made !== null}>
          Back
        </Button>
        <Button look="ack" isBusy={create.isPending} onClick={() => create.mutate()}>
          {made ? "Try the policy again" : "Create roster"}
        </Button>
      </div>
    </div>
  );
}

/** As the server reckons it, through a roster that is there; by turns alone for the very first one. */
function SixWeeks({ form, people }: { form: RosterForm; people: readonly User[] }) {
  const rosters = useQuery(rostersQuery);
  const [now] = useState(serverNow);
  const start = Math.max(now, fromWall(`${form.start_date}T${form.handoff_time}`, form.timezone) ?? now);
  const axis = { start, end: start + SHOWN };
  return (
    <Loaded query={rosters} what="The preview">
      {(all) => {
        const lender = all.find((roster) => roster.id !== form.linked_roster_id);
        return lender ? <ByServer lenderId={lender.id} form={form} people={people} axis={axis} /> : <ByTurns form={form} people={people} axis={axis} />;
      }}
    </Loaded>
  );
}

interface WeeksProps {
  form: RosterForm;
  people: readonly User[];
  axis: { start: number; end: number };
}

function ByServer({ lenderId, form, people, axis }: WeeksProps & { lenderId: string }) {
  const order: PreviewOrder = {
    starts_at: iso(axis.start), ends_at: iso(axis.end), definition: contentOf(form), overrides: [], pins: [],
    members: people.map((person, position) => ({ user_id: person.id, position, joined_on: null, left_on: null })),
  };
  const query = useQuery(previewQuery(lenderId, order));
  return (
    <Loaded query={query} what="The preview">
      {({ after }) => (
        <div className="grid gap-3">
          <Strip label="6 weeks" axis={axis} shifts={after.shifts} holes={after.uncovered} zone={form.timezone} />
          <p className="text-muted">{spanWords(axis.start, axis.end, form.timezone)}</p>
          <ul className="grid gap-1">
            {after.loads.map((load) => (
              <li key={load.user.id}>
                {load.user.display_name}: {hours(load.hours)}, {many(load.nights, "night")}, {many(load.weekends, "weekend")}
              </li>
            ))}
          </ul>
          {after.uncovered.length > 0 && (
            <p className="text-warning">
              {many(after.uncovered.length, "gap")}, the first {spanWords(after.uncovered[0]!.starts_at, after.uncovered[0]!.ends_at, form.timezone)}.
            </p>
          )}
        </div>
      )}
    </Loaded>
  );
}

function ByTurns({ form, people, axis }: WeeksProps) {
  const shifts = useMemo(
    () =>
      turnsOf(form, people.length, axis).map((turn) => {
        const { id, display_name } = people[turn.holder]!;
        return { user: { id, display_name }, starts_at: iso(turn.start), ends_at: iso(turn.end), source: "rotation" as const, answered_by: "", turn: 0, override_id: null, stands_in_for: [] };
      }),
    [form, people, axis],
  );
  return (
    <div className="grid gap-2">
      <Strip label="6 weeks" axis={axis} shifts={shifts} holes={[]} zone={form.timezone} />
      <p className="text-muted">
        {spanWords(axis.start, axis.end, form.timezone)}. The turns alone{form.active_from ? `, each active ${form.active_from} to ${form.active_until}` : ""}; leave is reckoned once the roster is made.
      </p>
    </div>
  );
}

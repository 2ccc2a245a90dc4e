/** Writing leave, by hand or from a calendar file. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { client, read } from "@/api/client";
import { serverNow } from "@/time/clock";
import { Button } from "@/ui/button";
import { Field, FormError, INPUT, SelectField, TextField } from "@/ui/field";
import { toast } from "@/ui/toast";

import { reasonOf, restOf } from "./problems";
import { forgetRosters } from "./queries";
import { WallField } from "./wall-field";
import { addDays, fromWall, iso, startOfDay, toWall } from "./zones";

interface PeopleProps {
  people: ReadonlyArray<{ id: string; display_name: string; timezone: string }>;
}

const MOST_BYTES = 256 * 1024;

export function LeaveForm({ people }: PeopleProps) {
  const [userId, setUserId] = useState(people[0]!.id);
  const zone = people.find((person) => person.id === userId)?.timezone ?? "UTC";
  const tomorrow = addDays(startOfDay(serverNow(), zone), 1, zone);
  const [from, setFrom] = useState(toWall(tomorrow, zone));
  const [until, setUntil] = useState(toWall(addDays(tomorrow, 1, zone), zone));
  const [note, setNote] = useState("");
  const [start, end] = [fromWall(from, zone), fromWall(until, zone)];
  const isBackwards = start !== null && end !== null && end <= start;
  const add = useMutation({
    mutationFn: () => read(client.POST("/api/v1/users/{user_id}/leave", { params: { path: { user_id: userId } }, body: { starts_at: iso(start!), ends_at: iso(end!), note } })),
    onSuccess: (leave) => {
      void forgetRosters();
      setNote("");
      toast.done(`${leave.user.display_name} is away.`, () => {
        read(client.DELETE("/api/v1/users/{user_id}/leave/{leave_id}", { params: { path: { user_id: leave.user.id, leave_id: leave.id } } })).then(
          () => void forgetRosters(),
          (error: unknown) => toast.failed(`Not undone: ${String(error)}`),
        );
      });
    },
  });
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (start !== null && end !== null && !isBackwards) add.mutate();
      }}
    >
      <PersonChoice people={people} value={userId} onChange={setUserId} />
      <WallField label="From" zone={zone} value={from} onChange={setFrom} error={reasonOf(add.error, "starts_at")} />
      <WallField label="Until" zone={zone} value={until} onChange={setUntil} error={isBackwards ? "Until must be after from." : reasonOf(add.error, "ends_at")} />
      <TextField label="Note (optional)" value={note} maxLength={1000} onChange={(event) => setNote(event.target.value)} />
      <FormError error={restOf(add.error, ["starts_at", "ends_at"])} />
      <Button look="ack" type="submit" isBusy={add.isPending} className="justify-self-start">
        Save leave
      </Button>
    </form>
  );
}

export function LeaveImport({ people }: PeopleProps) {
  const [userId, setUserId] = useState(people[0]!.id);
  const [file, setFile] = useState<File | null>(null);
  const isTooLarge = file !== null && file.size > MOST_BYTES;
  const take = useMutation({
    mutationFn: async () => {
      const text = await file!.text();
      // The document has no body for this call: it is the calendar itself.
      return read(
        client.POST("/api/v1/users/{user_id}/leave/import", {
          params: { path: { user_id: userId } },
          body: text as never,
          bodySerializer: (body: unknown) => body as string,
          headers: { "Content-Type": "text/calendar" },
        }),
      );
    },
    onSuccess: () => void forgetRosters(),
  });
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (file && !isTooLarge) take.mutate();
      }}
    >
      <PersonChoice people={people} value={userId} onChange={setUserId} />
      <Field label="Calendar file (.ics)" hint="Every event is leave. At most 256 KiB and 1,000 events, all or nothing." error={isTooLarge ? "This file is larger than 256 KiB." : undefined}>
        {(control) => <input type="file" accept=".ics,text/calendar" {...control} className={`${INPUT} py-1.5`} onChange={(event) => setFile(event.target.files?.[0] ?? null)} />}
      </Field>
      <FormError error={take.error} />
      {take.data && (
        <p role="status">
          {take.data.created} new, {take.data.updated} changed, {take.data.unchanged} as before, {take.data.withdrawn} withdrawn, {take.data.skipped} skipped.
        </p>
      )}
      <Button type="submit" disabled={!file || isTooLarge} isBusy={take.isPending} className="justify-self-start">
        Import
      </Button>
    </form>
  );
}

function PersonChoice({ people, value, onChange }: PeopleProps & { value: string; onChange: (id: string) => void }) {
  return (
    <SelectField label="Person" value={value} onChange={(event) => onChange(event.target.value)}>
      {people.map((person) => (
        <option key={person.id} value={person.id}>
          {person.display_name} ({person.timezone})
        </option>
      ))}
    </SelectField>
  );
}

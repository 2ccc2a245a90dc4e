/** Somebody takes over for a span: person, from, until, in the roster's zone. The form for every drag on the schedule. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";
import { Loaded } from "@/ui/panel";

import { ChangeFoot, useSaveEdits } from "./change-dialog";
import type { Edit } from "./edits";
import { reasonOf } from "./problems";
import { peopleQuery, rosterQuery, type Override, type RosterDetail, type User } from "./queries";
import { WallField } from "./wall-field";
import { fromWall, iso, toWall } from "./zones";

export interface OverrideDraft {
  start: number;
  end: number;
  userId?: string;
  /** The override that is changed; a new one when it is missing. */
  override?: Override;
}

interface OverrideDialogProps {
  rosterId: string;
  draft: OverrideDraft;
  onClose: () => void;
}

export function OverrideDialog({ rosterId, draft, onClose }: OverrideDialogProps) {
  const roster = useQuery(rosterQuery(rosterId));
  const people = useQuery(peopleQuery);
  const name = roster.data?.roster.name;
  return (
    <Dialog isOpen isWide onClose={onClose} title={`${draft.override ? "Change override" : "New override"}${name ? `: ${name}` : ""}`} lead="Who is named is on call for this span, before the rotation.">
      <Loaded query={roster} what="The roster" lines={6}>
        {({ roster: loaded, etag }) => (
          <Loaded query={people} what="The people" lines={6}>
            {(all) => <OverrideForm roster={loaded} etag={etag} people={all} draft={draft} onClose={onClose} />}
          </Loaded>
        )}
      </Loaded>
    </Dialog>
  );
}

interface OverrideFormProps {
  roster: RosterDetail;
  etag: string | null;
  people: readonly User[];
  draft: OverrideDraft;
  onClose: () => void;
}

const FIELDS = ["user_id", "starts_at", "ends_at", "reason"];

function OverrideForm({ roster, etag, people, draft, onClose }: OverrideFormProps) {
  const zone = roster.timezone;
  const [userId, setUserId] = useState(draft.userId ?? draft.override?.user.id ?? "");
  const [from, setFrom] = useState(toWall(draft.start, zone));
  const [until, setUntil] = useState(toWall(draft.end, zone));
  const [reason, setReason] = useState(draft.override?.reason ?? "");
  const saving = useSaveEdits(roster, etag, onClose);
  // An instant that was dragged keeps its own, where the wall clock shows the time twice.
  const exact = (wall: string, dragged: number) => (wall === toWall(dragged, zone) ? dragged : fromWall(wall, zone));
  const [start, end] = [exact(from, draft.start), exact(until, draft.end)];
  const isBackwards = start !== null && end !== null && end <= start;
  const edits = userId && start !== null && end !== null && !isBackwards ? [editOf(draft, { user_id: userId, starts_at: iso(start), ends_at: iso(end), reason })] : null;
  const members = new Set(roster.members.map((member) => member.id));
  const active = people.filter((person) => person.is_active);
  const option = (person: User) => (
    <option key={person.id} value={person.id}>
      {person.display_name} ({person.timezone})
    </option>
  );
  const takeBack = draft.override && (
    <Button look="danger" isBusy={saving.isPending} onClick={() => saving.mutate({ edits: [{ kind: "remove", id: draft.override!.id }], said: "Override taken back." })}>
      Take the override back
    </Button>
  );
  return (
    <div className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="Person" value={userId} onChange={(event) => setUserId(event.target.value)} error={reasonOf(saving.error, "user_id")} required>
          <option value="">Choose who takes over</option>
          <optgroup label="Members">{active.filter((person) => members.has(person.id)).map(option)}</optgroup>
          <optgroup label="Other people">{active.filter((person) => !members.has(person.id)).map(option)}</optgroup>
        </SelectField>
        <TextField label="Reason (optional)" value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} error={reasonOf(saving.error, "reason")} />
        <WallField label="From" zone={zone} value={from} onChange={setFrom} error={reasonOf(saving.error, "starts_at")} />
        <WallField label="Until" zone={zone} value={until} onChange={setUntil} error={isBackwards ? "Until must be after from." : reasonOf(saving.error, "ends_at")} />
      </div>
      {!edits && <p className="text-muted">Choose a person and a span to see what would change.</p>}
      <ChangeFoot roster={roster} edits={edits} saving={saving} said="Override saved." onClose={onClose} fields={FIELDS} save="Save override" more={takeBack} />
    </div>
  );
}

function editOf(draft: OverrideDraft, content: Extract<Edit, { kind: "add" }>["content"]): Edit {
  return draft.override ? { kind: "change", id: draft.override.id, content } : { kind: "add", content };
}

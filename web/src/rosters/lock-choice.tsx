/** A pin gives the turn to one person for good: rotation, leave and new members no longer move it. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Lock, LockOpen } from "lucide-react";
import { useState } from "react";

import { client, readWithTag } from "@/api/client";
import { serverNow } from "@/time/clock";
import { Button } from "@/ui/button";
import { FormError, SelectField } from "@/ui/field";
import { Person } from "@/ui/person";

import { doTouch, spanOf } from "./axis";
import { AROUND, SaveFoot, sayDone } from "./change-dialog";
import { pinsWith, pinsWithout, pinOf, spanAround } from "./pins";
import { peopleQuery, type RosterDetail, type Shift } from "./queries";

interface LockChoiceProps {
  roster: RosterDetail;
  etag: string | null;
  shift: Shift;
  onDone: () => void;
}

export function LockChoice(props: LockChoiceProps) {
  const { roster, shift } = props;
  const pin = roster.pins.find((each) => doTouch({ start: Date.parse(each.turn_at), end: Date.parse(each.turn_at) + 1 }, spanOf(shift)));
  if (shift.turn === null || shift.answered_by !== roster.id) return null;
  return pin ? <Unlock {...props} pin={pin} /> : <LockIn {...props} />;
}

/** Both calls, each of which takes the other back. */
function usePins(id: string) {
  const path = { roster_id: id };
  const header = (etag: string | null) => (etag ? { "If-Match": etag } : {});
  return {
    add: (body: ReturnType<typeof pinOf>, etag: string | null) => readWithTag(client.POST("/api/v1/rosters/{roster_id}/pins", { params: { path, header: header(etag) }, body })),
    remove: (pinId: string, etag: string | null) => readWithTag(client.DELETE("/api/v1/rosters/{roster_id}/pins/{pin_id}", { params: { path: { ...path, pin_id: pinId }, header: header(etag) } })),
  };
}

function LockIn({ roster, etag, shift, onDone }: LockChoiceProps) {
  const people = useQuery(peopleQuery);
  const [userId, setUserId] = useState(shift.user.id);
  const [isLooking, setLooking] = useState(false);
  const [now] = useState(serverNow);
  const pins = usePins(roster.id);
  const content = { user_id: userId, turn_at: shift.starts_at, reason: "" };
  const lock = useMutation({
    mutationFn: () => pins.add(content, etag),
    onSuccess: ({ body, etag: since }) => {
      const known = new Set(roster.pins.map((pin) => pin.id));
      const made = body.pins.find((pin) => !known.has(pin.id));
      onDone();
      sayDone(made ? `Locked in for ${made.user.display_name}.` : "Locked.", made && (() => pins.remove(made.id, since)));
    },
  });
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-end gap-2">
        <SelectField label="Lock this turn in for" value={userId} onChange={(event) => setUserId(event.target.value)} className="min-w-48 flex-1">
          {(people.data ?? [{ ...shift.user, is_active: true }])
            .filter((person) => person.is_active)
            .map((person) => (
              <option key={person.id} value={person.id}>
                {person.display_name}
              </option>
            ))}
        </SelectField>
        {!isLooking && (
          <Button onClick={() => setLooking(true)}>
            <Lock size={16} aria-hidden /> Look at the lock
          </Button>
        )}
      </div>
      <FormError error={people.error} />
      {isLooking && <SaveFoot roster={roster} order={{ ...spanAround(shift, AROUND, now), pins: pinsWith(roster.pins, content) }} saving={lock} onSave={() => lock.mutate()} onClose={() => setLooking(false)} save="Lock" />}
    </div>
  );
}

function Unlock({ roster, etag, shift, pin, onDone }: LockChoiceProps & { pin: RosterDetail["pins"][number] }) {
  const [isLooking, setLooking] = useState(false);
  const [now] = useState(serverNow);
  const pins = usePins(roster.id);
  const unlock = useMutation({
    mutationFn: () => pins.remove(pin.id, etag),
    onSuccess: ({ etag: since }) => {
      onDone();
      sayDone("Unlocked: the rotation answers again.", () => pins.add(pinOf(pin), since));
    },
  });
  return (
    <div className="grid gap-2">
      <p className="flex items-center gap-2">
        <Lock size={16} aria-hidden /> Locked in for <Person id={pin.user.id} name={pin.user.display_name} />
      </p>
      {isLooking ? (
        <SaveFoot roster={roster} order={{ ...spanAround(shift, AROUND, now), pins: pinsWithout(roster.pins, pin.id) }} saving={unlock} onSave={() => unlock.mutate()} onClose={() => setLooking(false)} save="Unlock" />
      ) : (
        <Button onClick={() => setLooking(true)}>
          <LockOpen size={16} aria-hidden /> Look at unlocking
        </Button>
      )}
    </div>
  );
}

import { Pencil } from "lucide-react";
import { useState } from "react";

import { Button, IconButton } from "@/ui/button";
import { TextField } from "@/ui/field";

interface Dates {
  joined_on: string | null;
  left_on: string | null;
}

interface MemberDatesProps {
  member: Dates & { display_name: string };
  mayPlan: boolean;
  onSave: (dates: Dates) => void;
}

/** The days between which somebody takes turns. */
export function MemberDates({ member, mayPlan, onSave }: MemberDatesProps) {
  const [isOpen, setOpen] = useState(false);
  const [joined, setJoined] = useState(member.joined_on ?? "");
  const [left, setLeft] = useState(member.left_on ?? "");
  if (!isOpen)
    return (
      <span className="inline-flex items-center gap-1">
        {words(member)}
        {mayPlan && <IconButton label={`Change the days of ${member.display_name}`} icon={<Pencil size={14} />} onClick={() => setOpen(true)} />}
      </span>
    );
  const isUntouched = joined === (member.joined_on ?? "") && left === (member.left_on ?? "");
  return (
    <div className="flex flex-wrap items-end gap-2">
      <TextField label="From" type="date" value={joined} onChange={(event) => setJoined(event.target.value)} />
      <TextField label="Until" type="date" value={left} onChange={(event) => setLeft(event.target.value)} />
      <Button onClick={() => (isUntouched ? setOpen(false) : onSave({ joined_on: joined || null, left_on: left || null }))}>
        Save
      </Button>
      <Button look="quiet" onClick={() => setOpen(false)}>
        Cancel
      </Button>
    </div>
  );
}

function words({ joined_on: joined, left_on: left }: Dates): string {
  if (joined && left) return `${joined} to ${left}`;
  if (joined) return `since ${joined}`;
  return left ? `until ${left}` : "since the roster began";
}

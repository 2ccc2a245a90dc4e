/** The dialogs that ask for a person: whom to assign, and to whom to hand over. */
import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { useId, useState } from "react";

import { peopleQuery } from "@/alerts/queries";
import { useMe } from "@/session/me";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";
import { Loaded } from "@/ui/panel";
import { Person } from "@/ui/person";

import { useFocusBack } from "./focus-back";

export interface Chosen {
  id: string;
  name: string;
}

interface PickProps {
  chosen: Chosen | null;
  onChoose: (person: Chosen) => void;
}

/** A search field over a list of radio buttons: arrows move, and the person of this session stands first. */
export function PersonPick({ chosen, onChoose }: PickProps) {
  useFocusBack();
  const me = useMe();
  const name = useId();
  const people = useQuery(peopleQuery);
  const [words, setWords] = useState("");
  const wanted = words.trim().toLowerCase();
  return (
    <div className="grid gap-2">
      <TextField autoFocus type="search" label="Search people" placeholder="Name or mail address" value={words} onChange={(event) => setWords(event.target.value)} autoComplete="off" />
      <Loaded query={people} what="The people" isEmpty={(all) => all.length === 0} empty={<p className="text-muted">There is nobody yet.</p>}>
        {(all) => {
          const found = all
            .filter((each) => !wanted || each.display_name.toLowerCase().includes(wanted) || each.email.toLowerCase().includes(wanted))
            .sort((a, b) => Number(b.id === me.user_id) - Number(a.id === me.user_id) || a.display_name.localeCompare(b.display_name));
          if (found.length === 0) return <p className="py-2 text-muted">Nobody is called that.</p>;
          return (
            <fieldset className="max-h-64 overflow-y-auto rounded-md border">
              <legend className="sr-only">People</legend>
              {found.map((each) => (
                <label key={each.id} className={clsx("target flex items-center gap-3 border-b px-3 last:border-b-0 hover:bg-raised", chosen?.id === each.id && "bg-accent-soft")}>
                  <input type="radio" name={name} className="size-4 accent-(--accent)" checked={chosen?.id === each.id} onChange={() => onChoose({ id: each.id, name: each.display_name })} />
                  <Person id={each.id} name={each.id === me.user_id ? `${each.display_name} (you)` : each.display_name} />
                </label>
              ))}
            </fieldset>
          );
        }}
      </Loaded>
    </div>
  );
}

interface Shared {
  subject: string;
  onClose: () => void;
}

interface AssignProps extends Shared {
  /** Who has it now. */
  assignee?: Chosen | null;
  onAssign: (person: Chosen | null) => void;
}

export function AssignDialog({ subject, assignee = null, onClose, onAssign }: AssignProps) {
  const [chosen, setChosen] = useState<Chosen | null>(assignee);
  const give = (person: Chosen | null) => {
    onAssign(person);
    onClose();
  };
  return (
    <Dialog isOpen onClose={onClose} title="Assign" lead={subject}>
      <p className="mb-3 text-muted">Says who looks after it. Paging goes on until somebody acknowledges.</p>
      <PersonPick chosen={chosen} onChoose={setChosen} />
      <DialogButtons>
        {assignee && <Button onClick={() => give(null)}>Assign to nobody</Button>}
        <Button onClick={onClose}>Cancel</Button>
        <Button look="ack" disabled={!chosen || chosen.id === assignee?.id} onClick={() => give(chosen)}>
          Assign
        </Button>
      </DialogButtons>
    </Dialog>
  );
}

const WAITS = [5, 10, 15, 30, 60] as const;

export function HandOverDialog({ subject, onClose, onHandOver }: Shared & { onHandOver: (person: Chosen, minutes: number) => void }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [minutes, setMinutes] = useState(15);
  const give = () => {
    if (!chosen) return;
    onHandOver(chosen, minutes);
    onClose();
  };
  return (
    <Dialog isOpen onClose={onClose} title="Hand over" lead={subject}>
      <p className="mb-3 text-muted">They are paged now, and it fires until they acknowledge.</p>
      <div className="grid gap-4">
        <PersonPick chosen={chosen} onChoose={setChosen} />
        <SelectField label="If they do not acknowledge, the escalation goes on after" value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
          {WAITS.map((each) => (
            <option key={each} value={each}>
              {each} minutes
            </option>
          ))}
        </SelectField>
      </div>
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="ack" disabled={!chosen} onClick={give}>
          Page them now
        </Button>
      </DialogButtons>
    </Dialog>
  );
}

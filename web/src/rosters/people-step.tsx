import { ArrowDown, ArrowUp, X } from "lucide-react";

import { IconButton } from "@/ui/button";
import { SelectField } from "@/ui/field";
import { Person } from "@/ui/person";

import type { User } from "./queries";

interface PeopleStepProps {
  people: readonly User[];
  /** In turn order. */
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

export function PeopleStep({ people, chosen, onChange }: PeopleStepProps) {
  const move = (index: number, by: 1 | -1) => {
    const next = [...chosen];
    [next[index], next[index + by]] = [next[index + by]!, next[index]!];
    onChange(next);
  };
  const left = people.filter((person) => !chosen.includes(person.id));
  return (
    <div className="grid gap-3">
      <h3 className="font-semibold">Who takes turns, in order</h3>
      {chosen.length === 0 && <p className="text-muted">Nobody yet. Without people nobody can be paged; they can be added later.</p>}
      <ol className="grid gap-1">
        {chosen.map((id, index) => {
          const person = people.find((each) => each.id === id)!;
          return (
            <li key={id} className="flex items-center gap-2 rounded-md border px-3 py-1">
              <span className="w-6 text-muted tabular-nums">{index + 1}</span>
              <span className="min-w-0 flex-1">
                <Person id={id} name={person.display_name} /> <span className="text-xs text-muted">{person.timezone}</span>
              </span>
              <IconButton label={`Move ${person.display_name} up`} icon={<ArrowUp size={16} />} disabled={index === 0} onClick={() => move(index, -1)} />
              <IconButton label={`Move ${person.display_name} down`} icon={<ArrowDown size={16} />} disabled={index === chosen.length - 1} onClick={() => move(index, 1)} />
              <IconButton label={`Take ${person.display_name} out`} icon={<X size={16} />} onClick={() => onChange(chosen.filter((each) => each !== id))} />
            </li>
          );
        })}
      </ol>
      {left.length > 0 && (
        <SelectField label="Add a person" value="" onChange={(event) => event.target.value && onChange([...chosen, event.target.value])} className="max-w-sm">
          <option value="">Choose a person</option>
          {left.map((person) => (
            <option key={person.id} value={person.id}>
              {person.display_name} ({person.timezone})
            </option>
          ))}
        </SelectField>
      )}
    </div>
  );
}

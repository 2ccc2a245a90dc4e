/** Single keys put elsewhere: for whose software or hands the usual ones are in the way. */
import { useState, type FormEvent } from "react";

import { changedKeys, KEY_ACTIONS, keyOf, wrongKeys, type ChosenKeys } from "@/app/key-actions";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";

export function KeyFields({ chosen, onChange }: { chosen: ChosenKeys; onChange: (keys: ChosenKeys) => void }) {
  const [draft, setDraft] = useState(chosen);
  const wrong = wrongKeys(draft);
  const hasChanged = JSON.stringify(changedKeys(draft)) !== JSON.stringify(changedKeys(chosen));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(wrong).length === 0) onChange(changedKeys(draft));
  };
  const reset = () => {
    setDraft({});
    onChange({});
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2 lg:grid-cols-3">
        {KEY_ACTIONS.map((action) => (
          <TextField
            key={action.name}
            label={action.words}
            value={keyOf(action, draft)}
            // The newest sign that was typed counts, so that nothing need be deleted first.
            onChange={(event) => setDraft({ ...draft, [action.name]: [...event.target.value].at(-1)?.toLowerCase() ?? "" })}
            hint={keyOf(action, draft) === action.usual ? undefined : `Usually ${action.usual}`}
            error={wrong[action.name]}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        ))}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button look="ack" type="submit" disabled={!hasChanged || Object.keys(wrong).length > 0}>
          Save the keys
        </Button>
        <Button onClick={reset} disabled={Object.keys(changedKeys(draft)).length === 0 && !hasChanged}>
          Back to the usual keys
        </Button>
      </div>
    </form>
  );
}

/** One rung of the ladder while it is edited: whom, over what, and how long it waits. */
import { Trash2, X } from "lucide-react";
import { useId, useState, type ReactNode } from "react";
import { useFormContext, useWatch } from "react-hook-form";

import { IconButton } from "@/ui/button";
import { CheckField, TextField } from "@/ui/field";
import { Picker } from "@/ui/picker";

import { CHANNELS, channelWords } from "./channels";
import type { Draft } from "./draft";
import { targetChoices, targetWords, type Directory, type Meaning } from "./targets";

interface RungFieldsProps {
  index: number;
  /** The minute at which it pages. */
  minute: number;
  directory: Directory;
  meaning: Meaning;
  grip: ReactNode;
  onRemove: (() => void) | null;
}

export function RungFields({ index, minute, directory, meaning, grip, onRemove }: RungFieldsProps) {
  const id = useId();
  const form = useFormContext<Draft>();
  const errors = form.formState.errors.tiers?.[index];
  return (
    <section aria-labelledby={id} className="rounded-lg border bg-sunken">
      <div className="flex flex-wrap items-center justify-between gap-2 border-b px-3 py-1">
        <h3 id={id} className="font-medium">
          Rung {index + 1} <span className="font-normal text-muted tabular-nums">at minute {Number.isNaN(minute) ? "?" : minute}</span>
        </h3>
        <div className="flex items-center">
          {grip}
          <IconButton label={`Remove rung ${index + 1}`} icon={<Trash2 size={16} />} onClick={() => onRemove?.()} disabled={!onRemove} title={onRemove ? undefined : "A policy needs one rung"} />
        </div>
      </div>
      <div className="grid gap-3 p-3">
        <Targets index={index} directory={directory} meaning={meaning} error={messageOf(errors?.targets)} />
        <ChannelChecks index={index} error={messageOf(errors?.notify_via)} />
        <TextField
          label="Minutes until the next rung"
          type="number"
          inputMode="numeric"
          min={1}
          max={1440}
          className="max-w-56"
          error={errors?.timeout_minutes?.message}
          {...form.register(`tiers.${index}.timeout_minutes`, { valueAsNumber: true })}
        />
      </div>
    </section>
  );
}

/** An error of a list stands on the list, or on one of its items. */
function messageOf(error: unknown): string | undefined {
  if (!error || typeof error !== "object") return undefined;
  if ("message" in error && typeof error.message === "string") return error.message;
  return "root" in error ? messageOf(error.root) : undefined;
}

function Targets({ index, directory, meaning, error }: { index: number; directory: Directory; meaning: Meaning; error: string | undefined }) {
  const form = useFormContext<Draft>();
  const targets = useWatch({ control: form.control, name: `tiers.${index}.targets` }) ?? [];
  const [typed, setTyped] = useState("");
  const set = (next: string[]) => {
    form.clearErrors(`tiers.${index}.targets`);
    form.setValue(`tiers.${index}.targets`, next, { shouldDirty: true, shouldValidate: form.formState.isSubmitted });
  };
  const wanted = typed.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  const choices = targetChoices(directory, meaning, targets, typed).filter((choice) => {
    const text = `${choice.label} ${choice.detail ?? ""} ${choice.group ?? ""}`.toLocaleLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  return (
    <div role="group" aria-label={`Rung ${index + 1}: who is told`} className="grid gap-2">
      <p aria-hidden className="font-medium">
        Who is told
      </p>
      {targets.length > 0 && (
        <ul className="flex flex-wrap gap-2">
          {targets.map((target) => (
            <li key={target} className="flex max-w-full items-center rounded-full border border-control bg-card pl-3">
              <span className="wrap-anywhere">{targetWords(target, directory, meaning)}</span>
              <IconButton label={`Take out ${targetWords(target, directory, meaning)}`} icon={<X size={14} />} className="rounded-full" onClick={() => set(targets.filter((each) => each !== target))} />
            </li>
          ))}
        </ul>
      )}
      <Picker label={`Add to rung ${index + 1}`} placeholder="Add a person, roster, channel or endpoint" choices={choices} onSearch={setTyped} nothing="Nobody and nothing is called so." isInvalid={Boolean(error)} onPick={(target) => set([...targets, target])} />
      {error && (
        <p role="alert" className="text-xs text-danger">
          {error}
        </p>
      )}
    </div>
  );
}

function ChannelChecks({ index, error }: { index: number; error: string | undefined }) {
  const form = useFormContext<Draft>();
  const chosen = useWatch({ control: form.control, name: `tiers.${index}.notify_via` }) ?? [];
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1 font-medium">Over</legend>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-x-4 gap-y-1">
        {CHANNELS.map((channel) => (
          <CheckField
            key={channel}
            className="min-h-7 items-center pointer-coarse:min-h-11"
            label={channelWords(channel)}
            checked={chosen.includes(channel)}
            onChange={(event) => {
              form.clearErrors(`tiers.${index}.notify_via`);
              const next = event.target.checked ? [...chosen, channel] : chosen.filter((each) => each !== channel);
              form.setValue(`tiers.${index}.notify_via`, next, { shouldDirty: true, shouldValidate: form.formState.isSubmitted });
            }}
          />
        ))}
      </div>
      {chosen.length === 1 && chosen[0] === "slack_channel" && <p className="text-xs text-muted">The channel alone is told; no person is paged.</p>}
      {error && (
        <p role="alert" className="text-xs text-danger">
          {error}
        </p>
      )}
    </fieldset>
  );
}

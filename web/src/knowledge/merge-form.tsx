import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { clsx } from "clsx";
import { ArrowLeftRight } from "lucide-react";
import { useState } from "react";

import { client, Problem, read } from "@/api/client";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { Pill } from "@/ui/severity";
import { toast } from "@/ui/toast";

import { markOwn, type OwnLine } from "./diff";
import { FIELD_LABELS } from "./field-labels";
import { canBeBoth, differing, FIELDS, LISTS, undecided, united, type Choice, type MergeField } from "./merge-choices";
import type { Incident } from "./queries";
import { shareHelped } from "./vote-words";

interface Tagged {
  body: Incident;
  etag: string | null;
}

const CHOSEN = "border-accent bg-accent-soft/40";

export function MergeForm({ target, source }: { target: Tagged; source: Tagged }) {
  const router = useRouter();
  const cache = useQueryClient();
  const [choices, setChoices] = useState<Partial<Record<MergeField, Choice>>>({});
  const [isAsking, setAsking] = useState(false);
  const [kept, other] = [target.body, source.body];
  const open = undecided(kept, other, choices);
  const differ = differing(kept, other);
  const merge = useMutation({
    mutationFn: () =>
      read(client.POST("/api/v1/incidents/{incident_id}/merge", { params: { path: { incident_id: kept.id }, header: { "If-Match": target.etag ?? undefined } }, body: { source_id: other.id, choices } })),
    onSuccess: async (merged) => {
      await router.navigate({ to: "/incidents/$incidentId", params: { incidentId: merged.id }, search: {} });
      await cache.invalidateQueries({ queryKey: ["incident"] });
      toast.done(`"${other.title}" is part of this entry now.`);
    },
    onError: async (error) => {
      setAsking(false);
      if (error instanceof Problem && error.status === 412) await cache.invalidateQueries({ queryKey: ["incident"] });
    },
  });
  const error = merge.error instanceof Problem && merge.error.status === 412 ? new Error("Somebody changed the entry meanwhile. The newest is shown now, and your choices are kept: look again, then merge.") : merge.error;
  const swap = () => void router.navigate({ to: "/incidents/$incidentId/merge", params: { incidentId: other.id }, search: { with: kept.id } });
  return (
    <div className="grid gap-4">
      <div className="grid items-stretch gap-2 md:grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)]">
        <Head word="Stays" incident={kept} />
        <Button onClick={swap} className="self-center justify-self-center" disabled={other.status !== "active"} title={other.status === "active" ? undefined : "An archived entry cannot be the one that stays"}>
          <ArrowLeftRight size={16} aria-hidden /> Swap
        </Button>
        <Head word="Becomes part of it" incident={other} />
      </div>
      <div className="grid gap-3">
        {FIELDS.filter((field) => kept[field] || other[field]).map((field) => (
          <Row key={field} field={field} kept={kept[field]} other={other[field]} isOpen={open.includes(field)} isChoice={differ.includes(field)} choice={choices[field]} onChoose={(choice) => setChoices({ ...choices, [field]: choice })} />
        ))}
      </div>
      <section className="rounded-lg border bg-card p-4">
        <h2 className="mb-2">Kept of both</h2>
        <dl className="grid gap-2">
          {LISTS.map((list) => (
            <div key={list} className="grid gap-1 sm:grid-cols-[9rem_minmax(0,1fr)]">
              <dt className="text-muted">{FIELD_LABELS[list]}</dt>
              <dd className="flex flex-wrap gap-1">
                {united(kept[list], other[list]).map((value) => (
                  <Pill key={value} className={kept[list].includes(value) ? undefined : "border-ok text-ok"}>
                    {!kept[list].includes(value) && <span className="pr-1">+</span>}
                    {value}
                  </Pill>
                ))}
                {united(kept[list], other[list]).length === 0 && <span className="text-muted">none</span>}
              </dd>
            </div>
          ))}
          <div className="grid gap-1 sm:grid-cols-[9rem_minmax(0,1fr)]">
            <dt className="text-muted">Alerts solved</dt>
            <dd>
              {kept.resolution_count} and {other.resolution_count}: {kept.resolution_count + other.resolution_count}
            </dd>
          </div>
          <div className="grid gap-1 sm:grid-cols-[9rem_minmax(0,1fr)]">
            <dt className="text-muted">Did it help?</dt>
            <dd>{shareHelped({ helped_count: kept.helped_count + other.helped_count, unhelpful_count: kept.unhelpful_count + other.unhelpful_count }) ?? "nobody has said yet"}</dd>
          </div>
        </dl>
      </section>
      <FormError error={error} />
      <div className="flex flex-wrap items-center justify-end gap-3">
        {open.length > 0 && (
          <p role="status" className="text-warning">
            Choose what stays of: {open.map((field) => FIELD_LABELS[field]!.toLowerCase()).join(", ")}.
          </p>
        )}
        <Button look="ack" disabled={open.length > 0} onClick={() => setAsking(true)}>
          Merge
        </Button>
      </div>
      <Confirm isOpen={isAsking} onClose={() => setAsking(false)} onConfirm={() => merge.mutate()} title={`Merge into "${kept.title}"?`} action="Merge" isBusy={merge.isPending}>
        "{other.title}" becomes part of it. Its alerts, statistics, patterns and fingerprints move, and its address leads here. This cannot be taken back; both histories keep what was.
      </Confirm>
    </div>
  );
}

function Head({ word, incident }: { word: string; incident: Incident }) {
  return (
    <div className="rounded-lg border bg-card px-4 py-3">
      <p className="text-xs text-muted">{word}</p>
      <p className="font-medium wrap-anywhere">{incident.title}</p>
    </div>
  );
}

interface RowProps {
  field: MergeField;
  kept: string | null;
  other: string | null;
  isChoice: boolean;
  isOpen: boolean;
  choice: Choice | undefined;
  onChoose: (choice: Choice) => void;
}

function Row({ field, kept, other, isChoice, isOpen, choice, onChoose }: RowProps) {
  const label = FIELD_LABELS[field]!;
  const stays = choice ?? (canBeBoth(field) ? undefined : "target");
  if (!isChoice)
    return (
      <section aria-label={label} className="rounded-lg border bg-card p-4">
        <h2 className="text-sm">{label}</h2>
        <p className="text-xs text-muted">{kept === other ? "The same in both" : "Only one has it, so it stays"}</p>
        <Value text={kept || other || ""} />
      </section>
    );
  const marked = markOwn(kept ?? "", other ?? "");
  // Two single lines are shown because they differ.
  const isMarked = marked.left.length + marked.right.length > 2;
  return (
    <fieldset className={`rounded-lg border bg-card p-4 ${isOpen ? "border-warning" : ""}`}>
      <legend className="px-1 font-medium">{label}</legend>
      <div className="grid gap-3 md:grid-cols-2">
        <Option field={field} value="target" label="Keep this" isChosen={stays === "target"} isIn={stays === "both"} onChoose={onChoose} lines={marked.left} isMarked={isMarked} />
        <Option field={field} value="source" label="Take this" isChosen={stays === "source"} isIn={stays === "both"} onChoose={onChoose} lines={marked.right} isMarked={isMarked} />
      </div>
      {canBeBoth(field) && (
        <label className="target mt-2 inline-flex items-center gap-2">
          <input type="radio" name={field} checked={stays === "both"} onChange={() => onChoose("both")} className="size-4 accent-(--accent)" /> Both, one below the other
        </label>
      )}
    </fieldset>
  );
}

function Option({ field, value, label, lines, isMarked, isChosen, isIn, onChoose }: { field: MergeField; value: Choice; label: string; lines: readonly OwnLine[]; isMarked: boolean; isChosen: boolean; isIn: boolean; onChoose: (choice: Choice) => void }) {
  return (
    <label className={`grid min-w-0 content-start gap-2 rounded-md border p-3 ${isChosen || isIn ? CHOSEN : ""}`}>
      <span className="flex items-center gap-2">
        <input type="radio" name={field} checked={isChosen} onChange={() => onChoose(value)} className="size-4 accent-(--accent)" /> {label}
      </span>
      {isMarked ? <OwnLines lines={lines} /> : <Value text={lines[0]?.text ?? ""} />}
    </label>
  );
}

/** A sign and a hidden word say what the colour only helps with. */
function OwnLines({ lines }: { lines: readonly OwnLine[] }) {
  return (
    <span className="block max-h-72 overflow-y-auto">
      {lines.map(({ text, isOwn }, place) => (
        <span key={place} className={clsx("grid grid-cols-[1rem_minmax(0,1fr)] border-l-2 pl-1", isOwn ? "border-l-warning bg-warning/10" : "border-l-transparent text-muted")}>
          <span aria-hidden className="text-warning">
            {isOwn ? "≠" : ""}
          </span>
          <span className="whitespace-pre-wrap wrap-anywhere">
            {isOwn && <span className="sr-only">only here: </span>}
            {text || " "}
          </span>
        </span>
      ))}
    </span>
  );
}

function Value({ text }: { text: string }) {
  return <span className="block max-h-72 overflow-y-auto whitespace-pre-wrap wrap-anywhere">{text}</span>;
}

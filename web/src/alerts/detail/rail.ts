/** The whole story on one rail: what was decided before anybody was paged, why each person was, and what happened since. Pure. */
import type { Schema } from "@/api/client";

import { mentionsOfEntry, mentionsOfPerson, mentionsOfStep, type Mention } from "./mentions";
import { plainly } from "./paging-words";
import type { Entry } from "./timeline-words";

type Step = Schema["ExplainedStep"];
type Explained = Pick<Schema["Explanation"], "steps" | "people">;

/** An entry of the timeline, or a link of the explanation, which brings its own words. */
export interface RailEntry extends Entry {
  said?: string;
  mentions: readonly Mention[];
}

export const STEP_NAMES: Record<Step["step"], string> = {
  received: "Received", fields: "Mapped", fingerprint: "Fingerprint", deduplication: "Deduplication", group: "Group", mutes: "Silences",
  knowledge: "Knowledge", route: "Route", policy: "Policy", escalation: "Escalation", next: "Next page",
};

/** Before the alert was there, and with it. Silences are tested when its first tier is due. */
const BEFORE: readonly Step["step"][] = ["received", "fields", "fingerprint", "deduplication"];
const WITH: readonly Step["step"][] = ["group", "knowledge", "route", "policy"];
/** What an entry of the timeline tells better. */
const TOLD_BY: Partial<Record<Step["step"], readonly string[]>> = { group: ["grouped"], mutes: ["muted"], knowledge: ["kb_matched", "knowledge_wanted"] };
const JUDGED = new Set(["escalated", "nobody_to_page"]);

const SELF: Entry["actor"] = { kind: "service", id: "nightowl", name: "nightowl" };

/** All of it, in order. Without an explanation, or without the entry that opened the alert, the timeline alone. */
export function railOf(entries: readonly Entry[], explained: Explained | undefined): RailEntry[] {
  const group = explained?.steps.find((each) => each.step === "group");
  const known = entries.map((entry): RailEntry => ({ ...entry, mentions: mentionsOfEntry(entry, group) }));
  const opened = known.findIndex((entry) => entry.kind === "opened");
  if (!explained || opened < 0) return known;
  const at = known[opened]!.at;
  const told = new Set(known.map((entry) => entry.kind));
  const stepsOf = (names: readonly Step["step"][]) =>
    names
      .filter((name) => !TOLD_BY[name]?.some((kind) => told.has(kind)))
      .flatMap((name) => explained.steps.filter((each) => each.step === name))
      .map((each) => ofStep(each, at));
  const judged = known.findIndex((entry) => JUDGED.has(entry.kind));
  const after = known.findIndex((entry, place) => place >= opened && !(known[place + 1]?.at === at && entry.at === at));
  return known.flatMap((entry, place) => [
    ...(place === opened ? stepsOf(BEFORE) : []),
    ...(place === judged ? stepsOf(["mutes"]) : []),
    entry,
    ...(place === after ? stepsOf(WITH) : []),
    ...explained.people.filter((person) => person.entry_id === entry.id).map(ofPerson),
  ]);
}

function ofStep(step: Step, at: string): RailEntry {
  const evidence = Object.fromEntries(Object.entries(step.evidence ?? {}).filter(([name]) => name !== "opening" && name !== "latest"));
  return { id: `step-${step.step}`, at: step.at ?? at, kind: `step_${step.step}`, actor: SELF, evidence, said: `${STEP_NAMES[step.step]}: ${plainly(step.why)}`, mentions: mentionsOfStep(step) };
}

function ofPerson(person: Schema["ChosenPerson"], place: number): RailEntry {
  const said = `${person.name} was chosen by tier ${person.tier + 1}: ${plainly(person.why)}`;
  return { id: `${person.entry_id}-${place}`, at: person.at, kind: "step_person", actor: SELF, evidence: { target: person.target }, said, mentions: mentionsOfPerson(person) };
}

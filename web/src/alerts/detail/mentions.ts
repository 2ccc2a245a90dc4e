/** Which names in a sentence lead somewhere: rules, policies, rosters, incidents, groups. Pure. */
import type { Schema } from "@/api/client";

export type Place = Schema["TriedRule"]["kind"] | "policy" | "incident" | "roster" | "override" | "group";

/** A piece of a text that is a link. An override's `id` is that of its roster, where it is listed. */
export interface Mention {
  text: string;
  place: Place;
  id: string;
}

type Facts = Readonly<Record<string, unknown>>;
type Step = Pick<Schema["ExplainedStep"], "step" | "rule_id" | "rule_name" | "tried" | "evidence">;
type Person = Pick<Schema["ChosenPerson"], "roster_id" | "roster_name" | "override_id">;

const quoted = (name: string) => `“${name}”`;

function mention(place: Place, id: unknown, name: unknown): Mention[] {
  return typeof id === "string" && typeof name === "string" ? [{ place, id, text: quoted(name) }] : [];
}

const OF_STEP: Partial<Record<Step["step"], Place>> = { group: "grouping_rule", knowledge: "incident", policy: "policy", route: "route" };
const OF_MUTE: Readonly<Record<string, Place>> = { silence: "silence", maintenance_window: "maintenance_window", inhibition: "inhibition_rule", group: "group" };

function muteOf(facts: Facts, id: unknown, name: unknown): Mention[] {
  const place = OF_MUTE[String(facts["kind"])];
  return place ? mention(place, id, name) : [];
}

/** The rule behind a step, then all that were tried: a route that chose something is among those. */
export function mentionsOfStep(step: Step): Mention[] {
  const place = OF_STEP[step.step];
  const own = place ? mention(place, step.rule_id, step.rule_name) : muteOf(step.evidence ?? {}, step.rule_id, step.rule_name);
  return [...own, ...(step.tried ?? []).flatMap((rule) => mention(rule.kind, rule.id, rule.name))];
}

/** `group` is the step of the explanation about it, which knows the rule that made it. */
export function mentionsOfEntry(entry: { kind: string; evidence: Facts }, group: Step | undefined): Mention[] {
  const facts = entry.evidence;
  switch (entry.kind) {
    case "grouped":
      return [...mention("grouping_rule", group?.rule_id, facts["rule"]), ...mention("group", facts["group_id"], facts["rule"])].slice(0, 1);
    case "muted": {
      const by = (facts["by"] ?? {}) as Facts;
      return muteOf(by, by["id"], by["name"]);
    }
    case "kb_matched":
      return mention("incident", facts["incident_id"], facts["title"]);
    default:
      return [];
  }
}

export function mentionsOfPerson(person: Person): Mention[] {
  const override: Mention[] = person.override_id && person.roster_id ? [{ place: "override", id: person.roster_id, text: "the override" }] : [];
  return [...mention("roster", person.roster_id, person.roster_name), ...override];
}

/** A text in pieces, with each mention at the first place where it stands; what is not in it is left out. */
export function around(text: string, mentions: readonly Mention[]): (string | Mention)[] {
  const pieces: (string | Mention)[] = [text];
  for (const each of mentions) {
    const place = pieces.findIndex((piece) => typeof piece === "string" && piece.includes(each.text));
    const piece = pieces[place];
    if (typeof piece !== "string") continue;
    const start = piece.indexOf(each.text);
    pieces.splice(place, 1, piece.slice(0, start), each, piece.slice(start + each.text.length));
  }
  return pieces.filter((piece) => piece !== "");
}

/** What a rung's target is called: `oncall_primary`, `user:<id>`, … in words. Pure. */
import type { Choice } from "@/ui/picker";

export interface Directory {
  people: ReadonlyArray<{ id: string; display_name: string; is_active?: boolean }>;
  rosters: ReadonlyArray<{ id: string; name: string }>;
  endpoints: ReadonlyArray<{ id: string; name: string; kind: string }>;
  /** The tenant's Slack channel, where the reader may know it. */
  slackChannel: string | null;
}

/** Whom a policy's own words mean: its roster and its team lead. */
export interface Meaning {
  roster_id: string | null;
  lead_id: string | null;
}

const PLACES: Record<string, string> = { primary: "on call", secondary: "backup" };

/** A target as people say it. What is not in the directory (any more) keeps its id, so that it can be told apart. */
export function targetWords(target: string, directory: Directory, meaning: Meaning): string {
  const roster = (id: string | null) => directory.rosters.find((each) => each.id === id)?.name;
  const person = (id: string | null) => directory.people.find((each) => each.id === id)?.display_name;
  const own = roster(meaning.roster_id);
  if (target === "oncall_primary") return own ? `On call on ${own}` : "On call";
  if (target === "oncall_backup") return own ? `Backup on ${own}` : "Backup";
  if (target === "team_lead") return person(meaning.lead_id) ? `Team lead, ${person(meaning.lead_id)}` : "Team lead";
  const [kind = "", id = "", place = ""] = target.split(":");
  if (kind === "user") return person(id) ?? `Person ${id}`;
  if (kind === "roster") return `${place === "primary" ? "On call" : "Backup"} on ${roster(id) ?? `roster ${id}`}`;
  if (kind === "channel") return `Slack channel ${id}`;
  if (kind === "endpoint") return directory.endpoints.find((each) => each.id === id)?.name ?? `Endpoint ${id}`;
  return target;
}

const TARGET = /oncall_primary|oncall_backup|team_lead|roster:[\w-]+:(?:primary|secondary)|(?:user|channel|endpoint):[\w-]+/gu;

/** The server's words about targets, with the targets in ours. */
export function withTargetWords(detail: string, directory: Directory, meaning: Meaning): string {
  return detail.replaceAll(TARGET, (target) => targetWords(target, directory, meaning));
}

const SLACK_ID = /^[CG][A-Z0-9]{6,20}$/u;

/** What can be named as a target and is not yet, in the order in which it is mostly meant; `typed` may be a Slack channel's id. */
export function targetChoices(directory: Directory, meaning: Meaning, taken: readonly string[], typed = ""): Choice[] {
  const own = directory.rosters.find((each) => each.id === meaning.roster_id);
  const lead = directory.people.find((each) => each.id === meaning.lead_id);
  const channels = [directory.slackChannel, SLACK_ID.test(typed.trim()) ? typed.trim() : null].filter((each) => each !== null);
  const choices: Choice[] = [
    { value: "oncall_primary", label: "On call", detail: own ? `on ${own.name}` : "of the policy's roster", group: "This policy" },
    { value: "oncall_backup", label: "Backup", detail: own ? `on ${own.name}` : "of the policy's roster", group: "This policy" },
    { value: "team_lead", label: "Team lead", detail: lead?.display_name ?? "whom the policy names", group: "This policy" },
    ...directory.people.filter((each) => each.is_active !== false).map((each) => ({ value: `user:${each.id}`, label: each.display_name, group: "People" })),
    ...directory.rosters.flatMap((each) => ["primary", "secondary"].map((place) => ({ value: `roster:${each.id}:${place}`, label: each.name, detail: PLACES[place]!, group: "Rosters" }))),
    ...[...new Set(channels)].map((id) => ({ value: `channel:${id}`, label: `Slack channel ${id}`, group: "Channels and endpoints" })),
    ...directory.endpoints.map((each) => ({ value: `endpoint:${each.id}`, label: each.name, detail: each.kind, group: "Channels and endpoints" })),
  ];
  return choices.filter((each) => !taken.includes(each.value));
}

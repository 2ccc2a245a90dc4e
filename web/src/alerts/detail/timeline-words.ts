/** The timeline in words: what an entry says, to which filter it belongs, and all of it as text. Pure. */
import type { Show } from "@/alerts/search";
import type { Schema } from "@/api/client";
import { absolute, withLocalTimes } from "@/time/words";

import { channelName, targetName } from "./paging-words";
import { lacksReceipt } from "./receipts";

export type Entry = Schema["TimelineEntry"];
type Delivery = Schema["Delivery"];

const PAGES = new Set(["escalated", "escalated_by_hand", "exhausted", "nobody_to_page", "handed_over", "muted", "unmuted", "rerouted"]);

export function isShown(entry: Pick<Entry, "kind" | "actor">, show: Show): boolean {
  if (show === "all") return true;
  if (show === "people") return entry.actor.kind === "user" || entry.actor.kind === "api_key";
  return entry.kind.startsWith("page_") || entry.kind === "step_person" || PAGES.has(entry.kind);
}

type Facts = Readonly<Record<string, unknown>>;
const text = (facts: Facts, name: string): string => {
  const value = facts[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};
const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const tierOf = (facts: Facts) => (typeof facts["tier"] === "number" ? `Tier ${facts["tier"] + 1}` : "A tier");

type Named = Schema["UserRef"];
type Names = (recipient: string) => string;

/** The names that recipients stand for, as the deliveries of the alert tell them, and those of all people. */
export function namesOf(deliveries: readonly Pick<Delivery, "recipient" | "recipient_name">[], people: readonly Named[] = []): Names {
  const names = new Map(people.map((each) => [`user:${each.id}`, each.display_name]));
  for (const each of deliveries) if (each.recipient_name) names.set(each.recipient, each.recipient_name);
  return (recipient) => names.get(recipient) ?? recipient;
}

function page(facts: Facts, names: Names): string {
  return `${names(text(facts, "recipient"))} by ${channelName(text(facts, "channel"))}`;
}

/** One sentence. */
export function sentenceOf(entry: Pick<Entry, "kind" | "evidence" | "actor">, names: Names): string {
  const facts = entry.evidence as Facts;
  const who = entry.actor.name;
  const because = text(facts, "reason") ? `: ${text(facts, "reason").replaceAll("_", " ")}` : "";
  switch (entry.kind) {
    case "opened":
      return `Opened by ${who} as ${text(facts, "severity")}${Number(facts["episode"]) > 1 ? `, episode ${text(facts, "episode")}` : ""}`;
    case "repeated":
      return `Fired again, ${text(facts, "occurrence_count")} times so far`;
    case "severity_changed":
      return `Severity went from ${text(facts, "from")} to ${text(facts, "to")}`;
    case "kb_matched":
      return `The knowledge base knows it: “${text(facts, "title")}”`;
    case "grouped":
      return `Joined the group “${text(facts, "rule")}”`;
    case "escalated":
      return `${tierOf(facts)} was paged: ${list(facts["recipients"]).map((each) => told(each, names)).join(", ")}`;
    case "nobody_to_page":
      return `${tierOf(facts)} had nobody to page`;
    case "escalated_by_hand":
      return `${who} escalated to the next tier${because}`;
    case "exhausted":
      return `All tiers had their turn and nobody acknowledged. ${list(facts["told"]).length ? `Told: ${list(facts["told"]).map((each) => told(each, names)).join(", ")}` : "There was no admin to tell"}`;
    case "muted":
      return `Muted by ${text((facts["by"] ?? {}) as Facts, "kind").replaceAll("_", " ")} “${text((facts["by"] ?? {}) as Facts, "name")}”`;
    case "unmuted":
      return "No longer muted";
    case "page_sent":
      return `Page sent to ${page(facts, names)}${facts["is_repeat"] ? ", for the second time" : ""}`;
    case "page_delivered":
      return `Page delivered to ${page(facts, names)}`;
    case "page_failed":
      return `Page to ${page(facts, names)} failed${because}`;
    case "page_delayed":
      return `Page to ${page(facts, names)} is tried again later${because}`;
    case "page_held":
      return `Page to ${page(facts, names)} is held back`;
    case "page_repeats":
      return `Page to ${page(facts, names)} is sent again${because}`;
    case "page_superseded":
      return `Page to ${page(facts, names)} was called back`;
    case "acknowledged":
      return `${who} acknowledged it: paging stopped`;
    case "unacknowledged":
      return `${who} gave it back: it fires again`;
    case "investigating":
      return `${who} works on it`;
    case "snoozed":
      return `${who} snoozed it until ${withLocalTimes(text(facts, "until"))}`;
    case "unsnoozed":
      return `The snooze ended${text(facts, "why") ? `: ${text(facts, "why")}` : ""}`;
    case "assigned":
      return `${who} ${facts["assignee_id"] === null ? "took the owner away" : `assigned it to ${personOf(facts, "assignee_id", names)}`}${because}`;
    case "handed_over":
      return `${who} handed it over to ${personOf(facts, "user_id", names)}, for ${text(facts, "minutes")} minutes`;
    case "rerouted":
      return `${who} put it under another policy`;
    case "commented":
      return `${who}: ${text(facts, "text")}`;
    case "resolved":
      return `${who} resolved it${text(facts, "resolution") ? `: ${text(facts, "resolution")}` : ""}`;
    case "reopened":
      return `${who} opened it again${because}`;
    case "voted":
      return `${who} says that what was known ${facts["helped"] ? "helped" : "did not help"}: “${text(facts, "title")}”${text(facts, "reason") ? ` (${text(facts, "reason")})` : ""}`;
    case "vote_withdrawn":
      return `${who} took back whether it helped`;
    case "knowledge_wanted":
      return "The knowledge base has no answer for it yet";
    case "knowledge_written":
      return "An incident was written from it";
    default:
      return `${entry.kind.replaceAll("_", " ")} (${who})`;
  }
}

function personOf(facts: Facts, name: string, names: Names): string {
  const recipient = `user:${text(facts, name)}`;
  const known = names(recipient);
  return known === recipient ? "somebody" : known;
}

function told(recipient: string, names: Names): string {
  const [who, channel] = recipient.split(" over ");
  const name = names(who!);
  return `${name === who ? targetName(who) : name}${channel ? ` by ${channelName(channel)}` : ""}`;
}

/** Milliseconds since the entry before, as people read them: `+0 ms`, `+1.4 s`, `+5 m 03 s`. */
export function sinceBefore(ms: number): string {
  if (ms < 1_000) return `+${ms} ms`;
  if (ms < 60_000) return `+${(ms / 1_000).toFixed(1)} s`;
  const [hours, minutes, seconds] = [Math.floor(ms / 3_600_000), Math.floor((ms % 3_600_000) / 60_000), Math.floor((ms % 60_000) / 1_000)];
  return hours ? `+${hours} h ${String(minutes).padStart(2, "0")} m` : `+${minutes} m ${String(seconds).padStart(2, "0")} s`;
}

/** What a line is made from: an entry, or something that brings its own words. */
type Told = Entry & { said?: string };

export interface Line<T extends Told = Told> {
  entry: T;
  sentence: string;
  /** Since the entry before it in the whole timeline; null for the first. */
  sinceMs: number | null;
  /** The page was sent, its channel tells later whether it arrived, and nobody told. */
  isUnreceipted: boolean;
}

export function linesOf<T extends Told>(entries: readonly T[], deliveries: readonly Delivery[], people: readonly Named[], now: number): readonly Line<T>[] {
  const names = namesOf(deliveries, people);
  const byId = new Map(deliveries.map((each) => [each.id, each]));
  return entries.map((entry, place) => {
    const before = entries[place - 1];
    const delivery = entry.kind === "page_sent" ? byId.get(text(entry.evidence as Facts, "delivery_id")) : undefined;
    return {
      entry,
      sentence: entry.said ?? sentenceOf(entry, names),
      sinceMs: before ? Math.max(0, Date.parse(entry.at) - Date.parse(before.at)) : null,
      isUnreceipted: delivery !== undefined && lacksReceipt(delivery, now),
    };
  });
}

/** For the post-mortem: one line per entry, with absolute times in one zone. */
export function asText(title: string, lines: readonly Line[], zone?: string): string {
  return [title, ...lines.map(({ entry, sentence, sinceMs, isUnreceipted }) => `${absolute(entry.at, zone)}${sinceMs === null ? "" : ` (${sinceBefore(sinceMs)})`}  ${withLocalTimes(sentence, zone)}${isUnreceipted ? " (no receipt after 90 s)" : ""}`)].join("\n");
}

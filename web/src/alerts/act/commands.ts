/** What people do to one alert: as data, so that it can be shown before it is answered, kept while offline, undone. Pure. */
import type { Schema } from "@/api/client";
import { moment } from "@/time/words";

export type Alert = Schema["Alert"];

/** What must be known of an alert to act on it. */
export type Seen = Pick<Alert, "id" | "title" | "status" | "escalation_state" | "snoozed_until" | "assignee" | "resolution" | "acknowledged_at" | "acknowledged_by" | "version">;

/** What "paged to you" tells of an alert, as far as acting needs it. It is open, so nothing has resolved it. */
export function seenOfPaged({ id, title, status, escalation_state, next_tier_at, assignee, acknowledged_at, acknowledged_by, version }: Schema["PagedAlert"]): Seen {
  return { id, title, status, escalation_state, snoozed_until: escalation_state === "snoozed" ? next_tier_at : null, assignee, resolution: null, acknowledged_at, acknowledged_by, version };
}

export type Command =
  | { verb: "acknowledge" }
  | { verb: "unacknowledge" }
  | { verb: "investigate" }
  | { verb: "reopen" }
  | { verb: "snooze"; until: string }
  | { verb: "escalate" }
  | { verb: "hand-over"; userId: string; minutes: number }
  | { verb: "assign"; userId: string | null; name?: string | undefined }
  | { verb: "resolve"; resolution: string | null }
  | { verb: "comment"; text: string };

export type Actor = Schema["Actor"];

export function isOpen(alert: Pick<Alert, "status">): boolean {
  return alert.status !== "resolved";
}

export function isSnoozed(alert: Pick<Alert, "escalation_state">): boolean {
  return alert.escalation_state === "snoozed";
}

const STOPPED = { escalation_state: "stopped", next_escalation_at: null, snoozed_until: null } as const;
const ANEW = { escalation_state: "pending", escalation_reason: "starts anew", next_escalation_at: null, snoozed_until: null } as const;

/** What the screen shows before the answer is there; the answer replaces it. */
export function foreseen(alert: Seen, command: Command, by: Actor, at: string): Partial<Alert> {
  switch (command.verb) {
    case "acknowledge":
      return { status: "acknowledged", acknowledged_at: at, acknowledged_by: by, ...STOPPED, escalation_reason: `acknowledged by ${by.name}` };
    case "investigate":
      return { status: "investigating", acknowledged_at: alert.acknowledged_at ?? at, acknowledged_by: alert.acknowledged_by ?? by, ...STOPPED, escalation_reason: `acknowledged by ${by.name}` };
    case "unacknowledge":
      return { status: "firing", acknowledged_at: null, acknowledged_by: null, ...ANEW };
    case "reopen":
      return { status: "firing", resolved_at: null, resolved_by: null, resolution: null, acknowledged_at: null, acknowledged_by: null, ...ANEW };
    case "snooze":
      return { escalation_state: "snoozed", next_escalation_at: null, snoozed_until: command.until, escalation_reason: `snoozed by ${by.name}` };
    case "assign":
      return { assignee: command.userId ? { id: command.userId, display_name: command.name ?? "…" } : null };
    case "hand-over":
      return {};
    case "resolve":
      return { status: "resolved", resolved_at: at, resolved_by: by, resolution: command.resolution, ...STOPPED, escalation_reason: `resolved by ${by.name}` };
    case "escalate":
    case "comment":
      return {};
  }
}

/** The commands that lead from what `command` made back to `before`; none where pages or words are out already. */
export function wayBack(before: Seen, command: Command): readonly Command[] {
  switch (command.verb) {
    case "acknowledge":
    case "investigate":
      return before.status === "firing" ? toFiring(before) : [];
    case "unacknowledge":
      return again(before);
    case "snooze":
      if (isSnoozed(before) && before.snoozed_until) return [{ verb: "snooze", until: before.snoozed_until }];
      // Only taking an alert ends a snooze; giving it back makes it fire.
      return before.status === "firing" ? [{ verb: "acknowledge" }, { verb: "unacknowledge" }] : again(before);
    case "reopen":
      return [{ verb: "resolve", resolution: before.resolution }];
    case "resolve":
      return [{ verb: "reopen" }, ...again(before)];
    case "assign":
      return [{ verb: "assign", userId: before.assignee?.id ?? null, name: before.assignee?.display_name }];
    case "escalate":
    case "hand-over":
    case "comment":
      return [];
  }
}

function toFiring(before: Seen): Command[] {
  return isSnoozed(before) && before.snoozed_until ? [{ verb: "unacknowledge" }, { verb: "snooze", until: before.snoozed_until }] : [{ verb: "unacknowledge" }];
}

function again(before: Seen): Command[] {
  if (isSnoozed(before) && before.snoozed_until) return [{ verb: "snooze", until: before.snoozed_until }];
  if (before.status === "acknowledged") return [{ verb: "acknowledge" }];
  return before.status === "investigating" ? [{ verb: "investigate" }] : [];
}

/**
 * Whether `newest` is still what the person decided upon, though its revision is another: a repeat of the firing or a
 * page that went out must not stand in the way of an acknowledgement.
 */
export function isAsSeen(seen: Seen, newest: Seen, command: Command): boolean {
  if (command.verb === "comment") return true;
  if (command.verb === "assign") return seen.assignee?.id === newest.assignee?.id;
  return seen.status === newest.status && isSnoozed(seen) === isSnoozed(newest);
}

/** Whether it is as the command makes it, by the same hand: the call had arrived, and its answer was lost. */
export function isDone(newest: Alert, command: Command, by: Actor): boolean {
  const isMine = (actor: Actor | null) => actor !== null && (by.id ? actor.id === by.id : actor.name === by.name);
  switch (command.verb) {
    case "acknowledge":
      return newest.status === "acknowledged" && isMine(newest.acknowledged_by);
    case "investigate":
      return newest.status === "investigating" && isMine(newest.acknowledged_by);
    case "resolve":
      return newest.status === "resolved" && isMine(newest.resolved_by);
    case "snooze":
      return isSnoozed(newest) && newest.snoozed_until !== null && Date.parse(newest.snoozed_until) === Date.parse(command.until);
    case "assign":
      return (newest.assignee?.id ?? null) === command.userId;
    default:
      return false;
  }
}

/** What was done, for the toast. */
export function saidDone(alert: Alert, command: Command): string {
  const title = `“${shortened(alert.title)}”`;
  switch (command.verb) {
    case "acknowledge":
      return `Acknowledged ${title}: nobody else will be paged`;
    case "unacknowledge":
      return `Gave back ${title}: it fires again, from tier 1`;
    case "investigate":
      return `You are on ${title}`;
    case "reopen":
      return `Reopened ${title}: it fires again`;
    case "snooze":
      return `Snoozed ${title} until ${moment(command.until)}`;
    case "escalate":
      return `Escalated ${title}: the next tier is being paged`;
    case "hand-over":
      return `Handed over ${title}: ${alert.assignee?.display_name ?? "they are"} paged now`;
    case "assign":
      return alert.assignee ? `Assigned ${title} to ${alert.assignee.display_name}` : `${title} is assigned to nobody`;
    case "resolve":
      return `Resolved ${title}`;
    case "comment":
      return `Commented on ${title}`;
  }
}

const NOUNS: Record<Command["verb"], string> = {
  acknowledge: "Acknowledging",
  unacknowledge: "Giving back",
  investigate: "Investigating",
  reopen: "Reopening",
  snooze: "Snoozing",
  escalate: "Escalating",
  "hand-over": "Handing over",
  assign: "Assigning",
  resolve: "Resolving",
  comment: "The comment on",
};

/** The beginning of a sentence about a command that has not happened. */
export function saidOf(alert: Pick<Alert, "title">, command: Command): string {
  return `${NOUNS[command.verb]} “${shortened(alert.title)}”`;
}

/** A title, for a sentence. */
export function shortened(title: string): string {
  const chars = [...title];
  return chars.length > 48 ? `${chars.slice(0, 47).join("")}…` : title;
}

/** What somebody else made of it meanwhile. */
export function saidMeanwhile(newest: Alert): string {
  if (newest.status === "resolved") return `${newest.resolved_by?.name ?? "its source"} resolved it meanwhile`;
  if (isSnoozed(newest)) return "it was snoozed meanwhile";
  if (newest.status === "firing") return "it fires again";
  return `${newest.acknowledged_by?.name ?? "somebody"} has it by now`;
}

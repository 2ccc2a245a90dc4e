/** What events change in alerts that the cache holds. Pure. */
import type { Schema } from "@/api/client";

import { alertOf, type LiveEvent } from "./event";

type Alert = Schema["Alert"];

/** Events by the alert that they are about, oldest version first, each version once. */
export type Changes = ReadonlyMap<string, readonly LiveEvent[]>;

export function changesOf(events: readonly LiveEvent[]): Changes {
  const byAlert = new Map<string, LiveEvent[]>();
  for (const event of events) {
    const id = alertOf(event)?.alert_id;
    if (id !== undefined) byAlert.set(id, [...(byAlert.get(id) ?? []), event]);
  }
  return new Map([...byAlert].map(([id, all]) => [id, inOrder(all)]));
}

function inOrder(events: readonly LiveEvent[]): LiveEvent[] {
  const byVersion = new Map(events.map((event) => [alertOf(event)!.version, event]));
  return [...byVersion].sort(([a], [b]) => a - b).map(([, event]) => event);
}

/**
 * The alert after the events that are newer than it; itself when none is.
 *
 * An event tells less than the API does, so this is for the eye until the alert is asked for anew.
 */
export function patchAlert<T extends Shown>(alert: T, events: readonly LiveEvent[]): T {
  return events.reduce((known, event) => (alertOf(event)!.version > known.version ? { ...known, ...told(event, known) } : known), alert);
}

/** An alert, or as much of one as an answer shows. */
type Shown = Pick<Alert, "id" | "version" | "status" | "severity">;

/** Of what the event tells, what is shown of the alert. */
function told(event: LiveEvent, known: Shown): Partial<Alert> {
  const { status, severity, title, occurrence_count, last_fired_at, version } = alertOf(event)!;
  const all = { status, severity, title, occurrence_count, last_fired_at, version, ...meant(event) };
  return Object.fromEntries(Object.entries(all).filter(([name]) => name in known));
}

/** What the verb says beyond the summary. */
function meant({ verb, at, actor, data }: LiveEvent): Partial<Alert> {
  switch (verb) {
    case "acknowledged":
      return { acknowledged_at: at, acknowledged_by: actor, escalation_state: "stopped", next_escalation_at: null };
    case "unacknowledged":
    case "reopened":
      return { acknowledged_at: null, acknowledged_by: null, resolved_at: null, resolved_by: null };
    case "resolved":
      return { resolved_at: at, resolved_by: actor, escalation_state: "stopped", next_escalation_at: null };
    case "snoozed":
      return { snoozed_until: data["until"] as string };
    case "unsnoozed":
      return { snoozed_until: null };
    default:
      return {};
  }
}

/** Patches every alert in an answer, however deep it lies; what nothing changed stays the same object. */
export function patchAll<T>(answer: T, changes: Changes): T {
  if (Array.isArray(answer)) return same(answer, answer.map((each) => patchAll(each, changes))) as T;
  if (typeof answer !== "object" || answer === null) return answer;
  if (isAlert(answer)) {
    const events = changes.get(answer.id);
    return events ? patchAlert(answer, events) : answer;
  }
  const parts = Object.entries(answer);
  const patched = parts.map(([name, part]) => [name, patchAll(part, changes)] as const);
  return patched.every(([, part], index) => part === parts[index]![1]) ? answer : (Object.fromEntries(patched) as T);
}

/** Alerts whose status or severity differ between an answer and the same one patched: lists may hold them elsewhere. */
export function movedBetween(before: unknown, after: unknown): string[] {
  const was = new Map(alertsIn(before).map((alert) => [alert.id, alert]));
  return alertsIn(after)
    .filter(({ id, status, severity }) => was.get(id)?.status !== status || was.get(id)?.severity !== severity)
    .map(({ id }) => id);
}

function alertsIn(answer: unknown): Shown[] {
  if (Array.isArray(answer)) return answer.flatMap(alertsIn);
  if (typeof answer !== "object" || answer === null) return [];
  return isAlert(answer) ? [answer] : Object.values(answer).flatMap(alertsIn);
}

function same<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return after.every((each, index) => each === before[index]) ? before : after;
}

function isAlert(value: object): value is Shown {
  return "escalation_state" in value && "version" in value && "status" in value && "id" in value;
}

/** What the stream tells, as far as the front end reads it. Pure. */
import type { Schema } from "@/api/client";

import type { Message } from "./sse";

export interface LiveEvent {
  id: string;
  /** First part of the event's name: `alert`, `roster`, … */
  noun: string;
  verb: string;
  at: string;
  actor: Schema["Actor"];
  data: Record<string, unknown>;
}

/** What each event about an alert tells of it, as it stood then; `version` rises with every change. */
export interface AlertSummary extends Pick<Schema["Alert"], "status" | "severity" | "title" | "source" | "occurrence_count" | "first_fired_at" | "last_fired_at" | "version"> {
  alert_id: string;
}

/** @throws SyntaxError, TypeError when the message is no event: what it would have told is a gap then. */
export function readEvent(message: Message): LiveEvent {
  const body = JSON.parse(message.data) as Partial<LiveEvent>;
  const [noun, verb] = message.event.split(".");
  if (!noun || !verb || typeof body.id !== "string" || typeof body.at !== "string" || !isRecord(body.data)) throw new TypeError(`no event: ${message.event}`);
  return { id: body.id, noun, verb, at: body.at, actor: body.actor as LiveEvent["actor"], data: body.data };
}

/** The alert that an event is about, or null. Some events wrap it together with more. */
export function alertOf({ noun, data }: LiveEvent): AlertSummary | null {
  if (noun !== "alert") return null;
  const summary = isRecord(data["alert"]) ? data["alert"] : data;
  return typeof summary["alert_id"] === "string" && typeof summary["version"] === "number" ? (summary as unknown as AlertSummary) : null;
}

/** The id of what the event is about, where it is one thing. */
export function subjectOf(event: LiveEvent): string | null {
  const alert = alertOf(event);
  const id = alert ? alert.alert_id : event.data[`${event.noun}_id`];
  return typeof id === "string" ? id : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

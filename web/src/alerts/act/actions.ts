/**
 * What people do to one alert.
 *
 * The screen changes with the key press; the call follows. A refusal puts everything back and says why. What is done
 * can be taken back for ten seconds by the opposing call, which is one more entry on the timeline.
 */
import { useMemo } from "react";

import { client, Problem, read } from "@/api/client";
import { useMe } from "@/session/me";
import { serverNow } from "@/time/clock";
import { toast } from "@/ui/toast";

import { holdAlert, patchAlert, putAlert, refreshAlert } from "./cache";
import { foreseen, isAsSeen, saidDone, saidMeanwhile, saidOf, wayBack, type Actor, type Alert, type Command } from "./commands";
import { keepUnsent, type Unsent } from "./unsent";

export interface AlertActions {
  acknowledge: (alert: Alert) => Promise<boolean>;
  unacknowledge: (alert: Alert) => Promise<boolean>;
  investigate: (alert: Alert) => Promise<boolean>;
  reopen: (alert: Alert) => Promise<boolean>;
  /** Until an instant, as ISO text. */
  snooze: (alert: Alert, until: string) => Promise<boolean>;
  /** Ends a snooze: the alert is as it was before it. */
  unsnooze: (alert: Alert) => Promise<boolean>;
  escalateNow: (alert: Alert) => Promise<boolean>;
  /** Pages a person now; after `minutes` without an acknowledgement the escalation goes on. */
  handOver: (alert: Alert, userId: string, minutes: number) => Promise<boolean>;
  /** `name` is what the screen shows until the answer is there. */
  assign: (alert: Alert, userId: string | null, name?: string) => Promise<boolean>;
  resolve: (alert: Alert, resolution: string | null) => Promise<boolean>;
  comment: (alert: Alert, text: string) => Promise<boolean>;
}

/** Each answers whether it was done; what went wrong was told already. */
export function useAlertActions(): AlertActions {
  const me = useMe();
  return useMemo(() => {
    const by: Actor = { kind: me.via === "key" ? "api_key" : "user", id: me.user_id ?? "", name: me.name };
    const act = async (alert: Alert, command: Command) => (await perform(alert, command, by)) !== null;
    return {
      acknowledge: (alert) => act(alert, { verb: "acknowledge" }),
      unacknowledge: (alert) => act(alert, { verb: "unacknowledge" }),
      investigate: (alert) => act(alert, { verb: "investigate" }),
      reopen: (alert) => act(alert, { verb: "reopen" }),
      snooze: (alert, until) => act(alert, { verb: "snooze", until }),
      unsnooze: (alert) => takeBack(alert, { ...alert, escalation_state: "none" }, { verb: "snooze", until: "" }, by),
      escalateNow: (alert) => act(alert, { verb: "escalate" }),
      handOver: (alert, userId, minutes) => act(alert, { verb: "hand-over", userId, minutes }),
      assign: (alert, userId, name) => act(alert, { verb: "assign", userId, name }),
      resolve: (alert, resolution) => act(alert, { verb: "resolve", resolution }),
      comment: (alert, text) => act(alert, { verb: "comment", text }),
    };
  }, [me.via, me.user_id, me.name]);
}

/** One call at a time for an alert, so that a quick second key meets the answer to the first. */
const lines = new Map<string, Promise<unknown>>();

function inLine<T>(id: string, task: () => Promise<T>): Promise<T> {
  const mine = (lines.get(id) ?? Promise.resolve()).then(task, task);
  lines.set(id, mine);
  void mine.finally(() => lines.get(id) === mine && lines.delete(id)).catch(() => undefined);
  return mine;
}

interface Manner {
  /** Of a command that was kept while nothing answered. */
  key?: string;
  isUndo?: boolean;
}

async function perform(alert: Alert, command: Command, by: Actor, manner: Manner = {}): Promise<Alert | null> {
  const key = manner.key ?? crypto.randomUUID();
  const keep = () => {
    keepUnsent({ key, alert, command }, (each: Unsent) => void perform(each.alert, each.command, by, { key: each.key }));
    if (!manner.key) toast.failed(`${saidOf(alert, command)}: not yet sent, escalation continues`);
    return null;
  };
  if (!navigator.onLine) return keep();
  const change = foreseen(alert, command, by, new Date(serverNow()).toISOString());
  holdAlert(alert.id);
  patchAlert(alert.id, (held) => ({ ...held, ...change }));
  try {
    const answer = await inLine(alert.id, () => sendAsSeen(alert, command, key));
    putAlert(answer);
    const back = manner.isUndo ? [] : wayBack(alert, command);
    if (!manner.isUndo) toast.done(saidDone(answer, command), back.length ? () => void takeBack(answer, alert, command, by) : undefined);
    return answer;
  } catch (error) {
    // Only what was foreseen goes back: news that came meanwhile stays.
    const before = Object.fromEntries(Object.keys(change).map((name) => [name, alert[name as keyof Alert]]));
    patchAlert(alert.id, (held) => (held.version > alert.version ? held : { ...held, ...before }));
    if (error instanceof Problem && error.status === 0) return keep();
    toast.failed(`${saidOf(alert, command)} failed: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  } finally {
    refreshAlert(alert.id);
  }
}

/** From `now` to what it was `before` the command. */
async function takeBack(now: Alert, before: Alert, command: Command, by: Actor): Promise<boolean> {
  let newest = now;
  for (const step of wayBack(before, command)) {
    const answer = await perform(newest, step, by, { isUndo: true });
    if (!answer) return false;
    newest = answer;
  }
  toast.done(`${saidOf(before, command)} was taken back`);
  return true;
}

const TRIES = 3;

/** Sends with the revision that was seen. When only what does not matter has changed since, the newest one is named. */
async function sendAsSeen(seen: Alert, command: Command, key: string): Promise<Alert> {
  let version = seen.version;
  for (let tries = 1; ; tries += 1) {
    try {
      return await send(seen.id, command, { key, version });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412 || tries === TRIES) throw error;
      const newest = await read(client.GET("/api/v1/alerts/{alert_id}", { params: { path: { alert_id: seen.id } } }));
      if (!isAsSeen(seen, newest, command)) {
        putAlert(newest);
        throw new Problem({ title: "Changed meanwhile", status: 412, code: error.code, detail: saidMeanwhile(newest), requestId: error.requestId });
      }
      version = newest.version;
    }
  }
}

function send(id: string, command: Command, { key, version }: { key: string; version: number }): Promise<Alert> {
  const path = { alert_id: id };
  const params = { path, header: { "If-Match": `"${version}"` } };
  const once = { path, header: { "If-Match": `"${version}"`, "Idempotency-Key": key } };
  switch (command.verb) {
    case "acknowledge":
      return read(client.PATCH("/api/v1/alerts/{alert_id}/acknowledge", { params }));
    case "unacknowledge":
      return read(client.PATCH("/api/v1/alerts/{alert_id}/unacknowledge", { params }));
    case "investigate":
      return read(client.PATCH("/api/v1/alerts/{alert_id}/investigate", { params }));
    case "reopen":
      return read(client.PATCH("/api/v1/alerts/{alert_id}/reopen", { params }));
    case "snooze":
      return read(client.PATCH("/api/v1/alerts/{alert_id}/snooze", { params, body: { until: command.until, reason: null } }));
    case "assign":
      return read(client.PATCH("/api/v1/alerts/{alert_id}/assign", { params, body: { assignee_id: command.userId, reason: null } }));
    case "resolve":
      return read(client.PATCH("/api/v1/alerts/{alert_id}/resolve", { params, body: { resolution: command.resolution } }));
    case "escalate":
      return read(client.POST("/api/v1/alerts/{alert_id}/escalate", { params: once }));
    case "hand-over":
      return read(client.POST("/api/v1/alerts/{alert_id}/hand-over", { params: once, body: { user_id: command.userId, minutes: command.minutes, reason: null } }));
    case "comment":
      return read(client.POST("/api/v1/alerts/{alert_id}/comments", { params: once, body: { text: command.text } }));
  }
}

/** The call that a command is. */
import { client, Problem, read } from "@/api/client";

import { putAlert } from "./cache";
import { isAsSeen, isDone, saidMeanwhile, type Actor, type Alert, type Command, type Seen } from "./commands";

const TRIES = 3;

interface Manner {
  key: string;
  by: Actor;
  /** An earlier call may have arrived without its answer coming back. */
  isAgain: boolean;
}

/** Sends with the revision that was seen. When only what does not matter has changed since, the newest one is named. */
export async function sendAsSeen(seen: Seen, command: Command, { key, by, isAgain }: Manner): Promise<Alert> {
  let version = seen.version;
  for (let tries = 1; ; tries += 1) {
    try {
      return await send(seen.id, command, { key, version });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412 || tries === TRIES) throw error;
      const newest = await read(client.GET("/api/v1/alerts/{alert_id}", { params: { path: { alert_id: seen.id } } }));
      if (isAgain && isDone(newest, command, by)) return newest;
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

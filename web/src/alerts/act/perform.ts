/**
 * Does a command: the screen changes at once, the call follows. A refusal puts everything back and says why; what gets
 * no answer is kept and sent later (`unsent`).
 */
import { Problem } from "@/api/client";
import type { Me } from "@/session/me";
import { serverNow } from "@/time/clock";
import { toast } from "@/ui/toast";

import { heldAlert, holdAlert, patchAlert, putAlert, refreshAlert } from "./cache";
import { foreseen, saidDone, saidOf, wayBack, type Actor, type Alert, type Command, type Seen } from "./commands";
import { sendAsSeen } from "./send";
import { forgetUnsent, isWaiting, keepUnsent, ownerOf, sendUnsent, type Sent } from "./unsent";
import type { Unsent } from "./unsent-queue";

/** Who acts: for the screen, and for what is kept. */
export interface Doer {
  by: Actor;
  owner: string;
}

export function doerOf(me: Pick<Me, "tenant" | "via" | "user_id" | "name">): Doer {
  return { by: { kind: me.via === "key" ? "api_key" : "user", id: me.user_id ?? "", name: me.name }, owner: ownerOf(me) };
}

/** One call at a time for an alert, so that a quick second key meets the answer to the first. */
const lines = new Map<string, Promise<unknown>>();

function inLine<T>(id: string, task: () => Promise<T>): Promise<T> {
  const mine = (lines.get(id) ?? Promise.resolve()).then(task, task);
  lines.set(id, mine);
  void mine.finally(() => lines.get(id) === mine && lines.delete(id)).catch(() => undefined);
  return mine;
}

/** The alert as the answer says it is; null when it was not done, of which everything was told. */
export async function perform(alert: Seen, command: Command, doer: Doer, { isUndo = false } = {}): Promise<Alert | null> {
  const key = crypto.randomUUID();
  const keep = () => {
    keepUnsent({ key, owner: doer.owner, alert: seenOf(alert), command, at: serverNow() });
    toast.failed(`${saidOf(alert, command)}: not yet sent, escalation continues`);
    return null;
  };
  if (!navigator.onLine || isWaiting(doer.owner, alert.id)) return keep();
  const change = foreseen(alert, command, doer.by, new Date(serverNow()).toISOString());
  const was = heldAlert(alert.id);
  holdAlert(alert.id);
  patchAlert(alert.id, (held) => ({ ...held, ...change }));
  try {
    const answer = await inLine(alert.id, () => sendAsSeen(alert, command, { key, by: doer.by, isAgain: false }));
    putAlert(answer);
    sayDone(answer, alert, command, doer, isUndo);
    return answer;
  } catch (error) {
    // Only what was foreseen goes back: news that came meanwhile stays.
    const before = Object.fromEntries(Object.entries(was ?? {}).filter(([name]) => name in change));
    patchAlert(alert.id, (held) => (held.version > alert.version ? held : { ...held, ...before }));
    if (error instanceof Problem && error.isAway) return keep();
    sayFailed(alert, command, error);
    return null;
  } finally {
    refreshAlert(alert.id);
  }
}

/** From `now` to what it was `before` the command. Where a step is kept, so are those that lead on from it. */
export async function takeBack(now: Seen, before: Seen, command: Command, doer: Doer): Promise<boolean> {
  let newest = now;
  let isAll = true;
  for (const step of wayBack(before, command)) {
    const answer = await perform(newest, step, doer, { isUndo: true });
    if (!answer && !isWaiting(doer.owner, now.id)) return false;
    isAll &&= answer !== null;
    newest = answer ?? newest;
  }
  if (!isAll) return false;
  toast.done(`${saidOf(before, command)} was taken back`);
  return true;
}

/** Sends what this person's browser has kept, once each. What gets no answer stays kept. */
export function sendKept(me: Pick<Me, "tenant" | "via" | "user_id" | "name">): Promise<void> {
  const doer = doerOf(me);
  return sendUnsent(doer.owner, {
    send: (each) => sendOne(each, doer),
    onOld: ({ alert, command }) => toast.failed(`${saidOf(alert, command)} was not sent: for 12 hours NightOwl did not answer`),
    now: serverNow,
  });
}

async function sendOne({ key, alert, command }: Unsent, doer: Doer): Promise<Sent> {
  try {
    const answer = await inLine(alert.id, () => sendAsSeen(alert, command, { key, by: doer.by, isAgain: true }));
    // Off the list before anything else can fail.
    forgetUnsent(key);
    putAlert(answer);
    sayDone(answer, alert, command, doer, false);
    refreshAlert(alert.id);
    return { is: "done", alert: seenOf(answer) };
  } catch (error) {
    // Whose session is over signs in, and then it is sent.
    if (error instanceof Problem && (error.isAway || error.status === 401 || error.status === 429)) return { is: "unsent" };
    sayFailed(alert, command, error);
    refreshAlert(alert.id);
    return { is: "refused" };
  }
}

function sayDone(answer: Alert, before: Seen, command: Command, doer: Doer, isUndo: boolean): void {
  if (isUndo) return;
  const canUndo = wayBack(before, command).length > 0;
  toast.done(saidDone(answer, command), canUndo ? () => void takeBack(answer, before, command, doer) : undefined);
}

function sayFailed(alert: Seen, command: Command, error: unknown): void {
  toast.failed(`${saidOf(alert, command)} failed: ${error instanceof Error ? error.message : String(error)}`);
}

/** No more of it than acting needs: this goes on a shelf. */
function seenOf({ id, title, status, escalation_state, snoozed_until, assignee, resolution, acknowledged_at, acknowledged_by, version }: Seen): Seen {
  return { id, title, status, escalation_state, snoozed_until, assignee, resolution, acknowledged_at, acknowledged_by, version };
}

/**
 * Commands that could not reach NightOwl: kept by this browser, so that a reload loses none, and shown on every page.
 *
 * All tabs see the same list. It is sent by one of them at a time, in order, and what was answered is off the list before
 * anything else happens to it.
 */
import { useMemo, useSyncExternalStore } from "react";

import { useMe, type Me } from "@/session/me";

import type { Seen } from "./commands";
import { isTooOld, readUnsent, uponAnswer, withoutUnsent, withUnsent, type Unsent } from "./unsent-queue";

const SHELF = "nightowl.unsent";

let waiting: readonly Unsent[] | null = null;
const listeners = new Set<() => void>();

function set(next: readonly Unsent[]): void {
  localStorage.setItem(SHELF, JSON.stringify(next));
  tell(next);
}

function tell(next: readonly Unsent[]): void {
  waiting = next;
  for (const listener of listeners) listener();
}

/** As another tab may have left it. */
function newest(): readonly Unsent[] {
  return readUnsent(localStorage.getItem(SHELF));
}

function onStorage({ key }: StorageEvent): void {
  if (key === SHELF) tell(newest());
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener("storage", onStorage);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("storage", onStorage);
  };
}

export function ownerOf({ tenant, user_id, name }: Pick<Me, "tenant" | "user_id" | "name">): string {
  return `${tenant}.${user_id ?? name}`;
}

export function keepUnsent(given: Unsent): void {
  set(withUnsent(newest(), given));
}

export function forgetUnsent(key: string): void {
  set(withoutUnsent(newest(), key));
}

/** Whether an earlier command for the alert has not arrived: later ones come behind it. */
export function isWaiting(owner: string, alertId: string): boolean {
  return newest().some((each) => each.owner === owner && each.alert.id === alertId);
}

/** What became of one that was sent: the answer, no answer to it, or a refusal that was told. */
export type Sent = { is: "done"; alert: Seen } | { is: "refused" } | { is: "unsent" };

interface Sending {
  send: (each: Unsent) => Promise<Sent>;
  /** It waited too long, and is dropped. */
  onOld: (each: Unsent) => void;
  now: () => number;
}

/** Sends what waits for a person, until one gets no answer. Does nothing while another tab does. */
export async function sendUnsent(owner: string, sending: Sending): Promise<void> {
  // Without locks the page is not served as browsers want it (no https), and each tab is by itself.
  if (!("locks" in navigator)) return sendAll(owner, sending);
  await navigator.locks.request(`${SHELF}.${owner}`, { ifAvailable: true }, async (lock) => {
    if (lock) await sendAll(owner, sending);
  });
}

async function sendAll(owner: string, { send, onOld, now }: Sending): Promise<void> {
  for (;;) {
    const next = newest().find((each) => each.owner === owner);
    if (!next) return;
    if (isTooOld(next, now())) {
      forgetUnsent(next.key);
      onOld(next);
      continue;
    }
    const sent = await send(next);
    if (sent.is === "unsent") return;
    const rest = withoutUnsent(newest(), next.key);
    set(sent.is === "done" ? uponAnswer(rest, owner, sent.alert) : rest);
  }
}

/** What waits for the person of this session. */
export function useUnsent(): readonly Unsent[] {
  const owner = ownerOf(useMe());
  const all = useSyncExternalStore(subscribe, () => (waiting ??= newest()));
  return useMemo(() => all.filter((each) => each.owner === owner), [all, owner]);
}

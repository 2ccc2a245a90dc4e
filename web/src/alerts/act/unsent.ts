/** Commands that could not reach NightOwl. Kept in order, sent when it answers again, and shown until then. */
import { useMemo, useSyncExternalStore } from "react";

import type { Alert, Command } from "./commands";

export interface Unsent {
  /** Sent along where the API takes it, so that what arrived unseen is not done twice. */
  key: string;
  alert: Alert;
  command: Command;
}

const TRY_AGAIN_MS = 5_000;

let waiting: readonly Unsent[] = [];
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function set(next: readonly Unsent[]): void {
  waiting = next;
  for (const listener of listeners) listener();
}

/** Keeps a command for when NightOwl answers again; `send` is told then, once for each. */
export function keepUnsent(given: Unsent, send: (each: Unsent) => void): void {
  set([...waiting.filter((each) => each.key !== given.key), given]);
  const flush = () => {
    if (!navigator.onLine) return;
    stop();
    const due = waiting;
    set([]);
    for (const each of due) send(each);
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
    window.removeEventListener("online", flush);
  };
  if (timer !== undefined) return;
  timer = setInterval(flush, TRY_AGAIN_MS);
  window.addEventListener("online", flush);
}

export function forgetUnsent(key: string): void {
  set(waiting.filter((each) => each.key !== key));
}

/** What waits for an alert, or for all. */
export function useUnsent(alertId?: string): readonly Unsent[] {
  const all = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => waiting,
  );
  return useMemo(() => (alertId ? all.filter((each) => each.alert.id === alertId) : all), [all, alertId]);
}

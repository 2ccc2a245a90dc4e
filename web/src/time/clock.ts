/** The server's clock, as well as answers tell it: countdowns must not trust the clock of a phone. */
import { useSyncExternalStore } from "react";

const DATE_HEADER_ROUNDS_DOWN_MS = 500;

let offsetMs = 0;

/** Notes how far this machine's clock is off, from an answer's `Date` header (whole seconds). */
export function noteServerDate(header: string | null, at = Date.now()): void {
  const stamp = header ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(stamp)) return;
  const measured = stamp + DATE_HEADER_ROUNDS_DOWN_MS - at;
  if (Math.abs(measured - offsetMs) > 1_500) offsetMs = measured;
}

/** The server's time now, in milliseconds since 1970. */
export function serverNow(): number {
  return Date.now() + offsetMs;
}

const listeners = new Set<() => void>();
let tickedAt = serverNow();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    tickedAt = serverNow();
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The server's time, once a second, from one timer for the whole page. */
export function useNow(): number {
  return useTicking((now) => now);
}

/** What `say` makes of the server's time. Looked at once a second, and drawn only when it is something else. */
export function useTicking<T extends string | number | boolean | null>(say: (now: number) => T): T {
  return useSyncExternalStore(subscribe, () => say(tickedAt));
}

/** Whether the page follows the server, from what is known of the stream. Pure. */

/** What the tab that holds the stream tells of it, also to the other tabs. */
export type Flow =
  | { is: "opening" }
  /** Everything that happens is told. `isWhole`: what happened since the last event that was seen was told too. */
  | { is: "flowing"; isWhole: boolean }
  /** The stream is open, but its source is away. */
  | { is: "standing" }
  /** There is none; the next try is at `retryAt`. */
  | { is: "broken"; failures: number; retryAt: number }
  /** The tab that held it says nothing any more. */
  | { is: "silent" }
  /** The session is over. */
  | { is: "refused" };

export interface Facts {
  flow: Flow;
  /** The stream told all that came since what is shown was asked for. At the start nothing is shown yet. */
  isCaughtUp: boolean;
  /** When the page last equalled the server: live, or a poll that was answered. Null before the first time. */
  currentAt: number | null;
  hasPollFailed: boolean;
}

export type LiveState =
  | { is: "opening" }
  | { is: "live" }
  | { is: "catching-up" }
  | { is: "reconnecting"; retryAt: number }
  | { is: "polling" }
  | { is: "stale"; since: number | null }
  | { is: "refused" };

/** From here on the page asks by itself, and the stream goes on being tried. */
export const POLL_AFTER_FAILURES = 3;

export function stateOf({ flow, isCaughtUp, currentAt, hasPollFailed }: Facts): LiveState {
  switch (flow.is) {
    case "opening":
      return { is: "opening" };
    case "flowing":
      return { is: isCaughtUp ? "live" : "catching-up" };
    case "refused":
      return { is: "refused" };
    case "broken":
      if (flow.failures < POLL_AFTER_FAILURES) return { is: "reconnecting", retryAt: flow.retryAt };
  }
  return hasPollFailed ? { is: "stale", since: currentAt } : { is: "polling" };
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** How long to wait before trying again: doubling, and between half and all of it, so that not everybody comes at once. */
export function waitMs(failures: number, random: number): number {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(most * (0.5 + random / 2));
}

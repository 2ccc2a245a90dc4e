/** Whether the page follows the server, in one word. */
import { clsx } from "clsx";

import { useNow } from "@/time/clock";
import { absolute, localZone, span } from "@/time/words";

import type { LiveState } from "./state";
import { useLiveState } from "./use-live";

interface Look {
  /** What is read out when it changes. */
  word: string;
  /** More for the eye, which may tick. */
  more?: string;
  why: string;
  dot: string;
}

export function LivePill() {
  const state = useLiveState();
  const { word, more, why, dot } = lookOf(state, useNow());
  return (
    <span title={why} className="inline-flex min-h-6 shrink-0 items-center gap-1.5 rounded-full border border-control px-2 text-xs whitespace-nowrap text-muted">
      <span aria-hidden className={clsx("size-2 rounded-full", dot)} />
      <span role="status">
        {word}
        <span className="sr-only">. {why}</span>
      </span>
      {more && <span className="tabular-nums max-sm:hidden">{more}</span>}
    </span>
  );
}

function clockTime(at: number): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: localZone }).format(at);
}

function lookOf(state: LiveState, now: number): Look {
  switch (state.is) {
    case "live":
      return { word: "Live", why: "Changes show here within a second.", dot: "bg-ok" };
    case "opening":
    case "refused":
      return { word: "Connecting", why: "The page asks NightOwl to be told of changes.", dot: "border border-muted" };
    case "catching-up":
      return { word: "Catching up", why: "Everything is asked for anew. Then the page is live.", dot: "border border-ok" };
    case "reconnecting":
      return { word: "Reconnecting", more: `(${span(state.retryAt - now)})`, why: "The connection was cut. What you see may be seconds old.", dot: "border border-warning" };
    case "polling":
      return { word: "Every 10 s", why: "Changes cannot be told at this moment. The page asks for them every 10 seconds.", dot: "bg-warning" };
    case "stale":
      return state.since === null
        ? { word: "Not live", why: "NightOwl does not answer. What you see may be old.", dot: "border-2 border-danger" }
        : { word: "Not live", more: `since ${clockTime(state.since)}`, why: `NightOwl has not answered since ${absolute(state.since)}. What you see may be old.`, dot: "border-2 border-danger" };
  }
}

/** The first page that a person sees. */
import type { Preferences } from "./keep";

export type Landing = NonNullable<Preferences["landing"]>;

const CHOICE = "nightowl.landing";

export const LANDINGS = { now: "/", alerts: "/alerts", knowledge: "/incidents", on_call: "/rosters" } as const satisfies Record<Landing, string>;

export function chosenLanding(): Landing {
  const kept = localStorage.getItem(CHOICE);
  return kept !== null && kept in LANDINGS ? (kept as Landing) : "now";
}

export function keepLanding(landing: Landing): void {
  localStorage.setItem(CHOICE, landing);
}

/** Whether somebody came anew: to sign in, or by opening Now. A Now that is reloaded or come back to stays. Pure. */
export function isAnew(document: { type: string; name: string } | undefined): boolean {
  return document === undefined || document.type === "navigate" || new URL(document.name).pathname !== "/";
}

let hasLanded = false;

/**
 * Where to go instead of Now, when Now is the first page of this visit; null to stay. From the second page on Now is
 * what somebody asked for.
 */
export function landingOnce(): (typeof LANDINGS)[Landing] | null {
  if (hasLanded) return null;
  noteLanded();
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const to = LANDINGS[chosenLanding()];
  return to !== "/" && isAnew(entry) ? to : null;
}

/** Some page was shown. */
export function noteLanded(): void {
  hasLanded = true;
}

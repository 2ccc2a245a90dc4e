/** The parts of the page, in the order of its tabs. */
export const TABS = [
  ["overview", "Overview"],
  ["pages", "Pages"],
  ["rejected", "Rejected payloads"],
  ["letters", "Dead letters"],
  ["heartbeats", "Heartbeats"],
  ["endpoints", "Endpoints"],
  ["subscriptions", "Subscriptions"],
] as const;

/** How many days back pages are counted. */
export const DAYS = [1, 3, 7] as const;

export type StatusTab = (typeof TABS)[number][0];

export interface StatusSearch {
  tab?: StatusTab;
  days?: number;
  /** The subscription whose log is open. */
  log?: string;
}

export function readSearch(search: Record<string, unknown>): StatusSearch {
  const tab = TABS.find(([name]) => name === search["tab"])?.[0];
  const days = tab === "pages" ? DAYS.find((each) => each > 1 && each === search["days"]) : undefined;
  return { ...(days && { days }), ...(tab && tab !== "overview" ? { tab } : {}), ...(tab === "subscriptions" && typeof search["log"] === "string" ? { log: search["log"] } : {}) };
}

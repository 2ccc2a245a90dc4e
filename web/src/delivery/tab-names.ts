/** The parts of the page, in the order of its tabs. */
export const TABS = [
  ["overview", "Overview"],
  ["pages", "Pages"],
  ["rejected", "Rejected payloads"],
  ["heartbeats", "Heartbeats"],
  ["endpoints", "Endpoints"],
  ["subscriptions", "Subscriptions"],
] as const;

export type StatusTab = (typeof TABS)[number][0];

export interface StatusSearch {
  tab?: StatusTab;
  /** The subscription whose log is open. */
  log?: string;
}

export function readSearch(search: Record<string, unknown>): StatusSearch {
  const tab = TABS.find(([name]) => name === search["tab"])?.[0];
  return { ...(tab && tab !== "overview" ? { tab } : {}), ...(tab === "subscriptions" && typeof search["log"] === "string" ? { log: search["log"] } : {}) };
}

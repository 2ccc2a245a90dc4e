/** What the addresses of the pages of one alert and of groups keep. */

export const SHOWS = ["all", "pages", "people"] as const;
export type Show = (typeof SHOWS)[number];

const TABS = ["timeline", "mapping", "raw", "explain"] as const;
const STATES = ["open", "closed", "all"] as const;

export interface AlertSearch {
  tab?: (typeof TABS)[number] | undefined;
  show?: Show | undefined;
}

export interface GroupsSearch {
  state?: (typeof STATES)[number] | undefined;
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T | undefined {
  return known.find((each) => each === value);
}

/** Unknown values fall back to what stands first, so that an old link still opens. */
export function alertSearch(search: Record<string, unknown>): AlertSearch {
  const [tab, show] = [oneOf(TABS, search["tab"]), oneOf(SHOWS, search["show"])];
  return { ...(tab ? { tab } : {}), ...(show ? { show } : {}) };
}

export interface GroupSearch {
  /** The change for all of the group that was asked for last. */
  job?: string | undefined;
}

export function groupSearch(search: Record<string, unknown>): GroupSearch {
  const job = search["job"];
  return typeof job === "string" && /^[0-9a-f-]{36}$/u.test(job) ? { job } : {};
}

export function groupsSearch(search: Record<string, unknown>): GroupsSearch {
  const state = oneOf(STATES, search["state"]);
  return state ? { state } : {};
}

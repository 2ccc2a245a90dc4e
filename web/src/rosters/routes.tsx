import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export interface RostersSearch {
  /** The zone of the heatmap; the viewer's own when it is missing. */
  zone?: string;
  view?: "table";
}

export const TABS = ["schedule", "members", "fairness", "overrides", "leave", "calendar", "settings", "history"] as const;
export type RosterTab = (typeof TABS)[number];
export const WEEKS = [2, 4, 12] as const;
export type Weeks = (typeof WEEKS)[number];

export interface RosterSearch {
  tab?: RosterTab;
  weeks?: Weeks;
  /** The first day of the schedule, by the roster's clock; today when it is missing. */
  from?: string;
  /** History: the instant asked about, and the one whose knowledge is used. */
  at?: string;
  known_at?: string;
  /** Settings, filled in but not saved: `08:00-22:00` or `all`, and a roster to link. */
  hours?: string;
  link?: string;
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/u;

function text(given: unknown, pattern: RegExp): string | undefined {
  return typeof given === "string" && pattern.test(given) ? given : undefined;
}

function given<T extends object>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T;
}

export function rosterSearch(search: Record<string, unknown>): RosterSearch {
  return given({
    tab: TABS.find((tab) => tab === search["tab"]),
    weeks: WEEKS.find((weeks) => weeks === Number(search["weeks"])),
    from: text(search["from"], /^\d{4}-\d\d-\d\d$/u),
    at: text(search["at"], INSTANT),
    known_at: text(search["known_at"], INSTANT),
    hours: text(search["hours"], /^(all|\d\d:\d\d-\d\d:\d\d)$/u),
    link: text(search["link"], /^[0-9a-f-]{36}$/u),
  });
}

export const rostersRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/rosters",
    validateSearch: (search: Record<string, unknown>): RostersSearch => given({ zone: text(search["zone"], /^[A-Za-z0-9+/_-]{1,64}$/u), view: search["view"] === "table" ? ("table" as const) : undefined }),
    component: lazyRouteComponent(() => import("./rosters-page")),
  }),
  createRoute({ getParentRoute: () => shellRoute, path: "/rosters/new", component: lazyRouteComponent(() => import("./new-roster-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/rosters/$rosterId", validateSearch: rosterSearch, component: lazyRouteComponent(() => import("./roster-page")) }),
];

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

import { readFilters, type IncidentFilters } from "./filters";

export type IncidentTab = "entry" | "history" | "similar";
const TABS: readonly unknown[] = ["history", "similar"] satisfies IncidentTab[];

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

export const knowledgeRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/incidents",
    validateSearch: (search: Record<string, unknown>): IncidentFilters => readFilters(search),
    component: lazyRouteComponent(() => import("./incidents-page")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/incidents/new",
    validateSearch: (search: Record<string, unknown>): { alert?: string } => (text(search["alert"]) ? { alert: text(search["alert"]) } : {}),
    component: lazyRouteComponent(() => import("./new-incident-page")),
  }),
  createRoute({ getParentRoute: () => shellRoute, path: "/incidents/patterns", component: lazyRouteComponent(() => import("./patterns-page")) }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/incidents/$incidentId",
    validateSearch: (search: Record<string, unknown>): { tab?: IncidentTab; alert?: string } => ({
      ...(TABS.includes(search["tab"]) ? { tab: search["tab"] as IncidentTab } : {}),
      ...(text(search["alert"]) ? { alert: text(search["alert"]) } : {}),
    }),
    component: lazyRouteComponent(() => import("./incident-page")),
  }),
  createRoute({ getParentRoute: () => shellRoute, path: "/incidents/$incidentId/edit", component: lazyRouteComponent(() => import("./edit-incident-page")) }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/incidents/$incidentId/merge",
    validateSearch: (search: Record<string, unknown>): { with?: string } => (text(search["with"]) ? { with: text(search["with"]) } : {}),
    component: lazyRouteComponent(() => import("./merge-page")),
  }),
];

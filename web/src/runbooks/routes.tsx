import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export type RunbooksTab = "own" | "templates";

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

export const runbooksRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/runbooks",
    validateSearch: (search: Record<string, unknown>): { tab?: RunbooksTab; category?: string } => ({
      ...(search["tab"] === "templates" ? { tab: "templates" as const } : {}),
      ...(text(search["category"]) ? { category: text(search["category"]) } : {}),
    }),
    component: lazyRouteComponent(() => import("./runbooks-page")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/runbooks/new",
    validateSearch: (search: Record<string, unknown>): { template?: string } => (text(search["template"]) ? { template: text(search["template"]) } : {}),
    component: lazyRouteComponent(() => import("./new-runbook-page")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/runbooks/$runbookId",
    validateSearch: (search: Record<string, unknown>): { alert?: string } => (text(search["alert"]) ? { alert: text(search["alert"]) } : {}),
    component: lazyRouteComponent(() => import("./runbook-page")),
  }),
  createRoute({ getParentRoute: () => shellRoute, path: "/runbooks/$runbookId/edit", component: lazyRouteComponent(() => import("./edit-runbook-page")) }),
];

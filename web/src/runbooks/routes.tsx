import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const runbooksRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/runbooks", component: lazyRouteComponent(() => import("./runbooks-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/runbooks/$runbookId", component: lazyRouteComponent(() => import("./runbook-page")) }),
];

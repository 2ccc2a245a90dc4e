import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

import { readSearch, type StatusSearch } from "./tab-names";

export const deliveryRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/status",
    validateSearch: (search: Record<string, unknown>): StatusSearch => readSearch(search),
    component: lazyRouteComponent(() => import("./status-page")),
  }),
];

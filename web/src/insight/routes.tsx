import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

import { toInsightSearch } from "./range";

export const insightRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/insight", validateSearch: toInsightSearch, component: lazyRouteComponent(() => import("./insight-page")) }),
];

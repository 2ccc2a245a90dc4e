import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const insightRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/insight", component: lazyRouteComponent(() => import("./insight-page")) }),
];

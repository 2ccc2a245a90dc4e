import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const rulesRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/rules", component: lazyRouteComponent(() => import("./rules-page")) }),
];

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const nowRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/", component: lazyRouteComponent(() => import("./now-page")) }),
];

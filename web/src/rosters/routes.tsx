import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const rostersRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/rosters", component: lazyRouteComponent(() => import("./rosters-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/rosters/new", component: lazyRouteComponent(() => import("./new-roster-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/rosters/$rosterId", component: lazyRouteComponent(() => import("./roster-page")) }),
];

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

import { alertSearch, groupSearch, groupsSearch } from "./search";

export const alertsRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/alerts", component: lazyRouteComponent(() => import("./alerts-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/alerts/$alertId", validateSearch: alertSearch, component: lazyRouteComponent(() => import("./alert-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/groups", validateSearch: groupsSearch, component: lazyRouteComponent(() => import("./groups-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/groups/$groupId", validateSearch: groupSearch, component: lazyRouteComponent(() => import("./group-page")) }),
];

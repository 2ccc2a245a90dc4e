import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

import { toAlertSearch, type AlertSearch } from "./list-search";
import { alertSearch, groupSearch, groupsSearch } from "./search";

export const alertsRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/alerts", validateSearch: (search: Record<string, unknown>): AlertSearch => toAlertSearch(search), component: lazyRouteComponent(() => import("./alerts-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/alerts/$alertId", validateSearch: alertSearch, component: lazyRouteComponent(() => import("./alert-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/groups", validateSearch: groupsSearch, component: lazyRouteComponent(() => import("./groups-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/groups/$groupId", validateSearch: groupSearch, component: lazyRouteComponent(() => import("./group-page")) }),
];

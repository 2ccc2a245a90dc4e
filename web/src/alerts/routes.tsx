import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

import { toAlertSearch, type AlertSearch } from "./filter/search";
import { alertSearch, groupSearch, groupsSearch } from "./search";

export const alertsRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/alerts", validateSearch: (search: Record<string, unknown>): AlertSearch => toAlertSearch(search), component: lazyRouteComponent(() => import("./list/alerts-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/alerts/$alertId", validateSearch: alertSearch, component: lazyRouteComponent(() => import("./detail/alert-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/groups", validateSearch: groupsSearch, component: lazyRouteComponent(() => import("./group/groups-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/groups/$groupId", validateSearch: groupSearch, component: lazyRouteComponent(() => import("./group/group-page")) }),
];

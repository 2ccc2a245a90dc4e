import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

import { auditSearch } from "./audit-search";

export const adminRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/admin",
    beforeLoad: () => {
      throw redirect({ to: "/admin/users", replace: true });
    },
  }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/users", component: lazyRouteComponent(() => import("./users-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/users/$userId", component: lazyRouteComponent(() => import("./person-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/keys", component: lazyRouteComponent(() => import("./keys-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/config", component: lazyRouteComponent(() => import("./config-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/sign-in", component: lazyRouteComponent(() => import("./sign-in-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/tenants", component: lazyRouteComponent(() => import("./tenants-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/audit", validateSearch: auditSearch, component: lazyRouteComponent(() => import("./audit-page")) }),
];

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const adminRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/admin", component: lazyRouteComponent(() => import("./admin-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/users", component: lazyRouteComponent(() => import("./users-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/keys", component: lazyRouteComponent(() => import("./keys-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/config", component: lazyRouteComponent(() => import("./config-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/sign-in", component: lazyRouteComponent(() => import("./sign-in-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/tenants", component: lazyRouteComponent(() => import("./tenants-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/audit", component: lazyRouteComponent(() => import("./audit-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/admin/subscriptions", component: lazyRouteComponent(() => import("./subscriptions-page")) }),
];

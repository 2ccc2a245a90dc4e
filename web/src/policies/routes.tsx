import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const policiesRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/policies", component: lazyRouteComponent(() => import("./policies-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/policies/new", component: lazyRouteComponent(() => import("./new-policy-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/policies/$policyId", component: lazyRouteComponent(() => import("./policy-page")) }),
];

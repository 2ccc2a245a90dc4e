import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { rootRoute } from "@/app/root";

export const signinRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/login",
    validateSearch: (search: Record<string, unknown>): { next?: string; error?: string } => ({
      ...(typeof search["next"] === "string" ? { next: search["next"] } : {}),
      ...(typeof search["error"] === "string" ? { error: search["error"] } : {}),
    }),
    component: lazyRouteComponent(() => import("./login-page")),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/change-password",
    component: lazyRouteComponent(() => import("./password-page")),
  }),
];

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const deliveryRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/status", component: lazyRouteComponent(() => import("./status-page")) }),
];

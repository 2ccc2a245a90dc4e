import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const settingsRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/settings", component: lazyRouteComponent(() => import("./settings-page")) }),
];

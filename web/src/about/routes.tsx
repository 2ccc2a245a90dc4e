import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const aboutRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/about", component: lazyRouteComponent(() => import("./about-page")) }),
];

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const knowledgeRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/incidents", component: lazyRouteComponent(() => import("./incidents-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/incidents/new", component: lazyRouteComponent(() => import("./new-incident-page")) }),
  createRoute({ getParentRoute: () => shellRoute, path: "/incidents/$incidentId", component: lazyRouteComponent(() => import("./incident-page")) }),
];

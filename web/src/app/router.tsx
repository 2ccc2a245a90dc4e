import { createRouter } from "@tanstack/react-router";

import { aboutRoutes } from "@/about/routes";
import { adminRoutes } from "@/admin/routes";
import { alertsRoutes } from "@/alerts/routes";
import { deliveryRoutes } from "@/delivery/routes";
import { insightRoutes } from "@/insight/routes";
import { knowledgeRoutes } from "@/knowledge/routes";
import { nowRoutes } from "@/now/routes";
import { policiesRoutes } from "@/policies/routes";
import { rostersRoutes } from "@/rosters/routes";
import { rulesRoutes } from "@/rules/routes";
import { runbooksRoutes } from "@/runbooks/routes";
import { settingsRoutes } from "@/settings/routes";
import { signinRoutes } from "@/signin/routes";

import { rootRoute, shellRoute } from "./root";

const tree = rootRoute.addChildren([
  ...signinRoutes,
  shellRoute.addChildren([
    ...nowRoutes,
    ...alertsRoutes,
    ...rulesRoutes,
    ...knowledgeRoutes,
    ...runbooksRoutes,
    ...rostersRoutes,
    ...policiesRoutes,
    ...insightRoutes,
    ...deliveryRoutes,
    ...adminRoutes,
    ...settingsRoutes,
    ...aboutRoutes,
  ]),
]);

export const router = createRouter({ routeTree: tree, defaultPreload: "intent", defaultPreloadStaleTime: 0, scrollRestoration: true });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

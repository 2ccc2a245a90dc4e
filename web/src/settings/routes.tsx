import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const TABS = ["reach", "pages", "screen", "tokens"] as const;
export type Tab = (typeof TABS)[number];

export const settingsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/settings",
    validateSearch: (search: Record<string, unknown>): { tab?: Tab } => (TABS.includes(search["tab"] as Tab) ? { tab: search["tab"] as Tab } : {}),
    component: lazyRouteComponent(() => import("./settings-page")),
  }),
];

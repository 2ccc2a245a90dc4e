import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";
import { landingOnce } from "@/session/landing";

export const nowRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/",
    // Not when a link to it is merely pointed at: that loads ahead, and is no visit.
    beforeLoad: ({ preload }) => {
      const to = preload ? null : landingOnce();
      if (to) throw redirect({ to, replace: true });
    },
    component: lazyRouteComponent(() => import("./now-page")),
  }),
];

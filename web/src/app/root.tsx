/** The two roots that every page hangs on: all pages, and those for which one must be signed in. */
import { createRootRoute, createRoute, redirect } from "@tanstack/react-router";

import { Problem } from "@/api/client";
import { queries } from "@/api/queries";
import { noteLanded } from "@/session/landing";
import { meQuery } from "@/session/me-query";

import { NotFound } from "./not-found";
import { Crashed, Shell } from "./shell";

export const rootRoute = createRootRoute({ notFoundComponent: NotFound, errorComponent: Crashed });

/** Everything below is for people who are signed in, and stands in the shell. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: Crashed,
  beforeLoad: async ({ location, preload }) => {
    if (!preload && location.pathname !== "/") noteLanded();
    try {
      const me = await queries.ensureQueryData(meQuery);
      if (me.must_change_password) throw redirect({ to: "/change-password" });
    } catch (error) {
      if (error instanceof Problem && error.status === 401) throw redirect({ to: "/login", search: { next: location.href } });
      throw error;
    }
  },
});

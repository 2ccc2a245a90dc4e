import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";
import { SEVERITIES, type Severity } from "@/ui/severity";

export const POLICY_TABS = ["ladder", "edit", "versions"] as const;

export interface PolicySearch {
  tab?: (typeof POLICY_TABS)[number];
  /** The instant that the ladder is tried at; now without it. */
  at?: string;
  severity?: Severity;
  /** The two versions that are compared. */
  from?: number;
  to?: number;
}

const version = (given: unknown) => (Number.isInteger(Number(given)) && Number(given) > 0 ? Number(given) : undefined);

/** What an address may say; anything else is left out, so that a mistyped link still opens. */
export function policySearch(search: Record<string, unknown>): PolicySearch {
  const at = typeof search["at"] === "string" && !Number.isNaN(Date.parse(search["at"])) ? search["at"] : undefined;
  return {
    tab: POLICY_TABS.find((each) => each === search["tab"]),
    at,
    severity: SEVERITIES.find((each) => each === search["severity"]),
    from: version(search["from"]),
    to: version(search["to"]),
  };
}

export const policiesRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/policies", component: lazyRouteComponent(() => import("./policies-page")) }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/policies/new",
    /** The policy that it begins as a copy of. */
    validateSearch: (search: Record<string, unknown>): { copy?: string } => ({ copy: typeof search["copy"] === "string" ? search["copy"] : undefined }),
    component: lazyRouteComponent(() => import("./new-policy-page")),
  }),
  createRoute({ getParentRoute: () => shellRoute, path: "/policies/$policyId", validateSearch: policySearch, component: lazyRouteComponent(() => import("./policy-page")) }),
];

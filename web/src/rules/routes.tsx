import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/root";

export const RULE_TABS = ["routes", "silences", "windows", "grouping", "inhibition"] as const;
export type RuleTab = (typeof RULE_TABS)[number];

export interface RulesSearch {
  tab?: RuleTab;
  /** A rule is being made. */
  new?: 1;
  /** The rule that is being changed. */
  edit?: string;
  /** What a new rule's conditions begin with, as text: `service="payments"`. */
  matchers?: string;
  /** Silences that are over are listed too. */
  all?: 1;
}

export function rulesSearch(search: Record<string, unknown>): RulesSearch {
  const text = (given: unknown) => (typeof given === "string" && given ? given : undefined);
  const yes = (given: unknown) => (given === 1 || given === "1" || given === true ? 1 : undefined);
  return { tab: RULE_TABS.find((each) => each === search["tab"]), new: yes(search["new"]), edit: text(search["edit"]), matchers: text(search["matchers"]), all: yes(search["all"]) };
}

export const rulesRoutes = [
  createRoute({ getParentRoute: () => shellRoute, path: "/rules", validateSearch: rulesSearch, component: lazyRouteComponent(() => import("./rules-page")) }),
];

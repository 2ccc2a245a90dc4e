/** What the rules' page asks of the server. */
import { queryOptions } from "@tanstack/react-query";

import { client, read, type Schema } from "@/api/client";
import { queries } from "@/api/queries";

import type { Kind } from "./kinds";
import { suggestionsFrom, type Suggestions } from "./suggestions";

/** What a rule mutes changes with every alert, of which rules are not told. */
const RECOUNT_MS = 15_000;

export function rulesQuery<R, C>(kind: Kind<R, C>) {
  return queryOptions({ queryKey: ["rule", kind.key, "list"], queryFn: kind.list, refetchInterval: RECOUNT_MS });
}

export function ruleQuery<R, C>(kind: Kind<R, C>, id: string) {
  return queryOptions({ queryKey: ["rule", kind.key, "one", id], queryFn: () => kind.one(id), staleTime: 0 });
}

/** After any change: lists, counts and what a rule would do depend on each other. */
export function refreshRules(): Promise<void> {
  return queries.invalidateQueries({ queryKey: ["rule"] });
}

export type Trial = Parameters<typeof tryRule>[0];

function tryRule(body: Schema["SilenceDryRun"] | Schema["WindowDryRun"] | Schema["InhibitionDryRun"] | Schema["GroupingDryRun"] | Schema["RouteDryRun"]) {
  return read(client.POST("/api/v1/noise/dry-run", { body }));
}

export function trialQuery(trial: Trial) {
  return queryOptions({ queryKey: ["rule", "trial", trial], queryFn: () => tryRule(trial), staleTime: 30_000 });
}

export interface Names {
  policies: ReadonlyArray<{ id: string; name: string }>;
  services: ReadonlyArray<{ id: string; name: string }>;
}

/**
 * Policies and services by name. The API has no list of services; those that alerts have come from and that policies
 * are used by are known.
 */
export const namesQuery = queryOptions({
  queryKey: ["policy", "names"],
  staleTime: 60_000,
  queryFn: async (): Promise<Names> => {
    const [policies, facets] = await Promise.all([read(client.GET("/api/v1/policies", { params: { query: { limit: 200 } } })), read(client.GET("/api/v1/alerts/facets"))]);
    const services = new Map<string, string>();
    const details = await Promise.all(policies.items.map((policy) => read(client.GET("/api/v1/policies/{policy_id}", { params: { path: { policy_id: policy.id } } }))));
    for (const use of details.flatMap((detail) => detail.used_by)) if (use.kind === "service" && use.id) services.set(use.id, use.name);
    const known = new Set(services.values());
    const unknown = facets.service.flatMap(({ value }) => (value !== null && !known.has(value) ? [value] : [])).slice(0, 20);
    const pages = await Promise.all(unknown.map((name) => read(client.GET("/api/v1/alerts", { params: { query: { service: [name], limit: 1 } } }))));
    for (const { service } of pages.flatMap((page) => page.items)) if (service) services.set(service.id, service.name);
    return { policies: policies.items, services: [...services].map(([id, name]) => ({ id, name })) };
  },
});

/** Labels and values that alerts really have. */
export const suggestionsQuery = queryOptions({
  queryKey: ["alert", "suggestions"],
  staleTime: 60_000,
  queryFn: async (): Promise<Suggestions> => {
    const [facets, alerts] = await Promise.all([read(client.GET("/api/v1/alerts/facets")), read(client.GET("/api/v1/alerts", { params: { query: { limit: 200 } } }))]);
    return suggestionsFrom(facets, alerts.items);
  },
});

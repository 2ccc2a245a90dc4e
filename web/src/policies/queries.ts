/** What the policies' pages ask of the server. */
import { queryOptions } from "@tanstack/react-query";

import { client, read, readWithTag, type Schema } from "@/api/client";

import type { Directory } from "./targets";

export const policiesQuery = queryOptions({
  queryKey: ["policy", "list"],
  queryFn: () => read(client.GET("/api/v1/policies", { params: { query: { limit: 200 } } })),
});

/** A policy with its ETag, which a change must name. */
export function policyQuery(id: string) {
  return queryOptions({
    queryKey: ["policy", "one", id],
    queryFn: () => readWithTag(client.GET("/api/v1/policies/{policy_id}", { params: { path: { policy_id: id } } })),
  });
}

export function versionsQuery(id: string) {
  return queryOptions({
    queryKey: ["policy", "versions", id],
    queryFn: () => read(client.GET("/api/v1/policies/{policy_id}/versions", { params: { path: { policy_id: id }, query: { limit: 200 } } })),
  });
}

/** Everybody and everything that a rung can name. The tenant's Slack channel stands in settings that managers may read. */
export function directoryQuery(mayReadSettings: boolean) {
  return queryOptions({
    queryKey: ["oncall", "directory", mayReadSettings],
    staleTime: 60_000,
    queryFn: async (): Promise<Directory> => {
      const all = { params: { query: { limit: 200 } } };
      const [people, rosters, endpoints, settings] = await Promise.all([
        read(client.GET("/api/v1/users", all)),
        read(client.GET("/api/v1/rosters", all)),
        read(client.GET("/api/v1/endpoints", all)),
        mayReadSettings ? read(client.GET("/api/v1/admin/config")) : null,
      ]);
      return { people: people.items, rosters: rosters.items, endpoints: endpoints.items, slackChannel: settings?.slack_channel ?? null };
    },
  });
}

type Severity = Schema["DryRun"]["severity"];
export interface Moment {
  /** An instant; null is now. */
  at: string | null;
  severity: Severity;
}

/** Who would be told, by the version in force. */
export function runQuery(id: string, { at, severity }: Moment) {
  return queryOptions({
    queryKey: ["policy", "run", id, at, severity],
    queryFn: () => read(client.POST("/api/v1/policies/{policy_id}/dry-run", { params: { path: { policy_id: id } }, body: { at, severity } })),
  });
}

/** Who would be told, by a policy that is not written. */
export function draftRunQuery(policy: Schema["PolicyContent"], { at, severity }: Moment) {
  return queryOptions({
    queryKey: ["policy", "draft-run", policy, at, severity],
    queryFn: () => read(client.POST("/api/v1/policies/dry-run", { body: { policy: { ...policy, name: policy.name || "Draft" }, at, severity } })),
  });
}

/** A draft or an older version beside the version in force, on the alerts of the last days. */
export function pastQuery(id: string, candidate: { policy: Schema["PolicyContent"] } | { version: number }, days: number) {
  return queryOptions({
    queryKey: ["policy", "past", id, candidate, days],
    staleTime: 60_000,
    queryFn: () => read(client.POST("/api/v1/policies/{policy_id}/dry-run/history", { params: { path: { policy_id: id } }, body: { policy: null, version: null, ...candidate, days } })),
  });
}

export function alertsQuery(words: string) {
  return queryOptions({
    queryKey: ["alert", "pick", words],
    queryFn: () => read(client.GET("/api/v1/alerts", { params: { query: { limit: 30, sort: "newest", ...(words ? { q: words } : {}) } } })),
  });
}

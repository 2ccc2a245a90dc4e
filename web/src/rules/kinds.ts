/** The five kinds of rules, as the API keeps them: one way to list, read, make, change and remove each. */
import { client, read, readWithTag, type Schema } from "@/api/client";

export interface Tagged<R> {
  body: R;
  etag: string | null;
}

/** `R` is what is stored, `C` what people write. */
export interface Kind<R, C> {
  /** In the query's key. */
  key: string;
  /** `route`, `silence`: in sentences. */
  word: string;
  list: () => Promise<{ items: R[]; total: number }>;
  one: (id: string) => Promise<Tagged<R>>;
  make: (content: C) => Promise<Tagged<R>>;
  change: (id: string, etag: string | null, content: C) => Promise<Tagged<R>>;
  /** A silence ends, everything else is gone. */
  remove: (id: string, etag: string | null) => Promise<unknown>;
}

export type Route = Schema["Route"];
export type Silence = Schema["Silence"];
export type Window = Schema["MaintenanceWindow"];
export type Grouping = Schema["GroupingRule"];
export type Inhibition = Schema["InhibitionRule"];

const all = { params: { query: { limit: 200 } } };
const named = (id: string, etag: string | null = null) => ({ path: { rule_id: id }, header: { "If-Match": etag ?? undefined } });
const path = (id: string) => ({ path: { rule_id: id } });

export const ROUTES: Kind<Route, Schema["RouteContent"]> = {
  key: "routes",
  word: "route",
  list: () => read(client.GET("/api/v1/routes", all)),
  one: (id) => readWithTag(client.GET("/api/v1/routes/{rule_id}", { params: path(id) })),
  make: (body) => readWithTag(client.POST("/api/v1/routes", { body })),
  change: (id, etag, body) => readWithTag(client.PUT("/api/v1/routes/{rule_id}", { params: named(id, etag), body })),
  remove: (id, etag) => read(client.DELETE("/api/v1/routes/{rule_id}", { params: named(id, etag) })),
};

export const GROUPING: Kind<Grouping, Schema["GroupingRuleContent"]> = {
  key: "grouping",
  word: "grouping rule",
  list: () => read(client.GET("/api/v1/grouping-rules", all)),
  one: (id) => readWithTag(client.GET("/api/v1/grouping-rules/{rule_id}", { params: path(id) })),
  make: (body) => readWithTag(client.POST("/api/v1/grouping-rules", { body })),
  change: (id, etag, body) => readWithTag(client.PUT("/api/v1/grouping-rules/{rule_id}", { params: named(id, etag), body })),
  remove: (id, etag) => read(client.DELETE("/api/v1/grouping-rules/{rule_id}", { params: named(id, etag) })),
};

export const WINDOWS: Kind<Window, Schema["MaintenanceWindowContent"]> = {
  key: "windows",
  word: "maintenance window",
  list: () => read(client.GET("/api/v1/maintenance-windows", all)),
  one: (id) => readWithTag(client.GET("/api/v1/maintenance-windows/{rule_id}", { params: path(id) })),
  make: (body) => readWithTag(client.POST("/api/v1/maintenance-windows", { body })),
  change: (id, etag, body) => readWithTag(client.PUT("/api/v1/maintenance-windows/{rule_id}", { params: named(id, etag), body })),
  remove: (id, etag) => read(client.DELETE("/api/v1/maintenance-windows/{rule_id}", { params: named(id, etag) })),
};

export const INHIBITION: Kind<Inhibition, Schema["InhibitionRuleContent"]> = {
  key: "inhibition",
  word: "inhibition rule",
  list: () => read(client.GET("/api/v1/inhibition-rules", all)),
  one: (id) => readWithTag(client.GET("/api/v1/inhibition-rules/{rule_id}", { params: path(id) })),
  make: (body) => readWithTag(client.POST("/api/v1/inhibition-rules", { body })),
  change: (id, etag, body) => readWithTag(client.PUT("/api/v1/inhibition-rules/{rule_id}", { params: named(id, etag), body })),
  remove: (id, etag) => read(client.DELETE("/api/v1/inhibition-rules/{rule_id}", { params: named(id, etag) })),
};

/** `withExpired`: those that are over too; they are kept for ever. */
export function silences(withExpired: boolean): Kind<Silence, Schema["SilenceContent"]> {
  const query = withExpired ? { limit: 200 } : { limit: 200, state: ["active" as const, "pending" as const] };
  return {
    key: withExpired ? "silences-all" : "silences",
    word: "silence",
    list: () => read(client.GET("/api/v1/silences", { params: { query } })),
    one: (id) => readWithTag(client.GET("/api/v1/silences/{rule_id}", { params: path(id) })),
    make: (body) => readWithTag(client.POST("/api/v1/silences", { body })),
    change: (id, etag, body) => readWithTag(client.PUT("/api/v1/silences/{rule_id}", { params: named(id, etag), body })),
    remove: (id, etag) => read(client.DELETE("/api/v1/silences/{rule_id}", { params: named(id, etag) })),
  };
}

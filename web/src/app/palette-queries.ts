/** What the palette asks the server. Keys begin with the noun that events name. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { client, read } from "@/api/client";

/** What is typed is asked for once the typing stops for this long. */
export const PAUSE_MS = 200;

const FEW = 5;

export const foundAlertsQuery = (q: string) =>
  queryOptions({
    queryKey: ["alert", "palette", q],
    queryFn: async ({ signal }) => rowsOf(await read(client.GET("/api/v1/alerts", { params: { query: { q, limit: FEW, sort: "urgent" } }, signal }))),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });

export const foundIncidentsQuery = (q: string) =>
  queryOptions({
    queryKey: ["incident", "palette", q],
    queryFn: async ({ signal }) => (await read(client.GET("/api/v1/incidents/search", { params: { query: { q, limit: FEW } }, signal }))).items.map(({ incident }) => incident),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });

export const foundRunbooksQuery = (q: string) =>
  queryOptions({
    queryKey: ["runbook", "palette", q],
    queryFn: async ({ signal }) => rowsOf(await read(client.GET("/api/v1/runbooks", { params: { query: { q, limit: FEW } }, signal }))),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });

export const foundRostersQuery = (q: string) =>
  queryOptions({
    queryKey: ["roster", "palette", q],
    queryFn: async ({ signal }) => rowsOf(await read(client.GET("/api/v1/rosters", { params: { query: { q, limit: FEW } }, signal }))),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });

/** Those who are still there. */
export const foundPeopleQuery = (q: string) =>
  queryOptions({
    queryKey: ["user", "palette", q],
    queryFn: async ({ signal }) =>
      rowsOf(await read(client.GET("/api/v1/users", { params: { query: { q, limit: 4 * FEW } }, signal })))
        .filter((each) => each.is_active)
        .slice(0, FEW),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });

export const foundPoliciesQuery = (q: string) =>
  queryOptions({
    queryKey: ["policy", "palette", q],
    queryFn: async ({ signal }) => rowsOf(await read(client.GET("/api/v1/policies", { params: { query: { q, limit: FEW } }, signal }))),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });

/** The open ones. */
export const foundGroupsQuery = (q: string) =>
  queryOptions({
    queryKey: ["group", "palette", q],
    queryFn: async ({ signal }) => rowsOf(await read(client.GET("/api/v1/groups", { params: { query: { q, limit: FEW, state: "open" } }, signal }))),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });

export const onCallQuery = (rosterId: string) =>
  queryOptions({
    queryKey: ["oncall", rosterId],
    queryFn: ({ signal }) => read(client.GET("/api/v1/rosters/{roster_id}/oncall", { params: { path: { roster_id: rosterId } }, signal })),
  });

/** Lists can be asked for as CSV too, so their type is open; here it is always JSON. */
function rowsOf<T>(page: { items: T[] } | string): T[] {
  if (typeof page === "string") throw new Error("A list came as text.");
  return page.items;
}

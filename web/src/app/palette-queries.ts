/** What the palette asks the server. Keys begin with the noun that events name. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { client, read } from "@/api/client";

/** What is typed is asked for once the typing stops for this long. */
export const PAUSE_MS = 200;

const FEW = 5;

/** A search: nothing is asked for where nothing is typed, and what was found before stays until the answer is there. */
const search =
  <T>(noun: string, ask: (q: string, signal: AbortSignal) => Promise<T[]>) =>
  (q: string) =>
    queryOptions<T[]>({
      queryKey: [noun, "palette", q],
      queryFn: ({ signal }) => ask(q, signal),
      enabled: q !== "",
      placeholderData: keepPreviousData<T[]>,
    });

export const foundAlertsQuery = search("alert", async (q, signal) => rowsOf(await read(client.GET("/api/v1/alerts", { params: { query: { q, limit: FEW, sort: "urgent" } }, signal }))));

export const foundIncidentsQuery = search("incident", async (q, signal) =>
  (await read(client.GET("/api/v1/incidents/search", { params: { query: { q, limit: FEW } }, signal }))).items.map(({ incident }) => incident),
);

export const foundRunbooksQuery = search("runbook", async (q, signal) => rowsOf(await read(client.GET("/api/v1/runbooks", { params: { query: { q, limit: FEW } }, signal }))));

export const foundRostersQuery = search("roster", async (q, signal) => rowsOf(await read(client.GET("/api/v1/rosters", { params: { query: { q, limit: FEW } }, signal }))));

/** Those who are still there. */
export const foundPeopleQuery = search("user", async (q, signal) =>
  rowsOf(await read(client.GET("/api/v1/users", { params: { query: { q, limit: 4 * FEW } }, signal })))
    .filter((each) => each.is_active)
    .slice(0, FEW),
);

export const foundPoliciesQuery = search("policy", async (q, signal) => rowsOf(await read(client.GET("/api/v1/policies", { params: { query: { q, limit: FEW } }, signal }))));

/** The open ones. */
export const foundGroupsQuery = search("group", async (q, signal) => rowsOf(await read(client.GET("/api/v1/groups", { params: { query: { q, limit: FEW, state: "open" } }, signal }))));

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

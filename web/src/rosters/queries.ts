/** What the pages of rosters ask. Keys begin with `roster`: an event about a roster makes all of it stale. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { client, read, readWithTag, type Schema } from "@/api/client";
import { queries } from "@/api/queries";

export type Roster = Schema["Roster"];
export type RosterDetail = Schema["RosterDetail"];
export type RosterContent = Schema["RosterContent"];
export type Shift = Schema["ScheduledShift"];
export type Uncovered = Schema["UncoveredSpan"];
export type Override = Schema["Override"];
export type Coverage = Schema["RosterCoverage"];
export type Preview = Schema["Preview"];
/** What is left out stays as it is. */
export type PreviewOrder = Pick<Schema["PreviewOrder"], "starts_at" | "ends_at"> & Partial<Schema["PreviewOrder"]>;
export type User = Schema["User"];
export type Leave = Schema["Leave"];
export type Swap = Schema["Swap"];

const PAGE = 200;

/** Lists can also be had as CSV, which is text; this asks for the other. */
async function rows<T>(call: Parameters<typeof read<T>>[0]): Promise<Exclude<T, string>> {
  return (await read(call)) as Exclude<T, string>;
}

interface PageOf<T> {
  items: T[];
  next_cursor?: string | null;
}

/** All pages of a list, one after the other. */
async function everything<T>(page: (cursor: string | undefined) => Promise<PageOf<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const answer = await page(cursor);
    items.push(...answer.items);
    cursor = answer.next_cursor ?? undefined;
  } while (cursor);
  return items;
}

const paged = (cursor: string | undefined) => (cursor ? { limit: PAGE, cursor } : { limit: PAGE });

export const rostersQuery = queryOptions({
  queryKey: ["roster", "list"],
  queryFn: async () => (await everything((cursor) => rows(client.GET("/api/v1/rosters", { params: { query: paged(cursor) } })))).toSorted((a, b) => a.name.localeCompare(b.name)),
});

/** The people who can be put on call, by name. */
export const peopleQuery = queryOptions({
  queryKey: ["roster", "people"],
  queryFn: async () => (await everything((cursor) => rows(client.GET("/api/v1/users", { params: { query: paged(cursor) } })))).toSorted((a, b) => a.display_name.localeCompare(b.display_name)),
  staleTime: 60_000,
});

export const policiesQuery = queryOptions({
  queryKey: ["policy", "list", "of-rosters"],
  queryFn: () => everything((cursor) => rows(client.GET("/api/v1/policies", { params: { query: paged(cursor) } }))),
});

export const coverageQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ["roster", "coverage", from, to],
    queryFn: () => rows(client.GET("/api/v1/rosters/coverage", { params: { query: { from, to } } })),
    placeholderData: keepPreviousData,
  });

/** A roster, and the revision that a change must name. */
export const rosterQuery = (id: string) =>
  queryOptions({
    queryKey: ["roster", id],
    queryFn: async () => {
      const { body, etag } = await readWithTag(client.GET("/api/v1/rosters/{roster_id}", { params: { path: { roster_id: id } } }));
      return { roster: body, etag };
    },
  });

export const onCallQuery = (id: string, at?: string, knownAt?: string) =>
  queryOptions({
    queryKey: ["roster", id, "oncall", at ?? null, knownAt ?? null],
    queryFn: () => read(client.GET("/api/v1/rosters/{roster_id}/oncall", { params: { path: { roster_id: id }, query: { ...(at ? { at } : {}), ...(knownAt ? { known_at: knownAt } : {}) } } })),
  });

export const scheduleQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ["roster", id, "schedule", from, to],
    queryFn: () => rows(client.GET("/api/v1/rosters/{roster_id}/schedule", { params: { path: { roster_id: id }, query: { from, to } } })),
    placeholderData: keepPreviousData,
  });

export const previewQuery = (id: string, order: PreviewOrder) =>
  queryOptions({
    queryKey: ["roster", id, "preview", order],
    queryFn: () => read(client.POST("/api/v1/rosters/{roster_id}/preview", { params: { path: { roster_id: id } }, body: order as Schema["PreviewOrder"] })),
    placeholderData: keepPreviousData,
    retry: false,
  });

export const leaveQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ["roster", "leave", from, to],
    queryFn: () => everything((cursor) => rows(client.GET("/api/v1/leave", { params: { query: { ...paged(cursor), from, to } } }))),
    placeholderData: keepPreviousData,
  });

export const swapsQuery = (id: string) =>
  queryOptions({
    queryKey: ["roster", id, "swaps"],
    queryFn: () => everything((cursor) => rows(client.GET("/api/v1/rosters/{roster_id}/swaps", { params: { path: { roster_id: id }, query: paged(cursor) } }))),
  });

export const fairnessQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ["roster", id, "fairness", from, to],
    queryFn: () => read(client.GET("/api/v1/rosters/{roster_id}/fairness", { params: { path: { roster_id: id }, query: { from, to } } })),
    placeholderData: keepPreviousData,
  });

export const forecastQuery = (id: string) =>
  queryOptions({
    queryKey: ["roster", id, "forecast"],
    queryFn: () => read(client.GET("/api/v1/rosters/{roster_id}/forecast", { params: { path: { roster_id: id } } })),
  });

export const handoffQuery = (id: string) =>
  queryOptions({
    queryKey: ["roster", id, "handoff"],
    queryFn: () => read(client.GET("/api/v1/rosters/{roster_id}/handoff", { params: { path: { roster_id: id } } })),
  });

export const shiftHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: ["roster", id, "history"],
    queryFn: () => rows(client.GET("/api/v1/rosters/{roster_id}/oncall/history", { params: { path: { roster_id: id } } })),
  });

export const feedsQuery = queryOptions({
  queryKey: ["roster", "feeds"],
  queryFn: () => everything((cursor) => rows(client.GET("/api/v1/feeds", { params: { query: paged(cursor) } }))),
});

/** After any change of a roster or of somebody's leave. */
export function forgetRosters(): Promise<unknown> {
  return Promise.all([queries.invalidateQueries({ queryKey: ["roster"] }), queries.invalidateQueries({ queryKey: ["oncall"] })]);
}

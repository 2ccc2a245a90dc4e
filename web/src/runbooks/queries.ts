import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { client, read, readWithTag, type Schema } from "@/api/client";

export type Runbook = Schema["Runbook"];
export type RunbookTemplate = Schema["RunbookTemplate"];

export const runbooksQuery = (category: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["runbook", "list", category ?? null],
    queryFn: ({ pageParam, signal }) =>
      read(client.GET("/api/v1/runbooks", { params: { query: { category: category ? [category] : undefined, limit: 100, cursor: pageParam ?? undefined } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

export const runbookQuery = (id: string) =>
  queryOptions({
    queryKey: ["runbook", id],
    queryFn: ({ signal }) => readWithTag(client.GET("/api/v1/runbooks/{runbook_id}", { params: { path: { runbook_id: id } }, signal })),
  });

export const templatesQuery = queryOptions({
  queryKey: ["runbook", "templates"],
  queryFn: ({ signal }) => read(client.GET("/api/v1/runbooks/templates", { signal })),
});

/** What a list of runbooks to choose from holds at most. */
const CHOICES = 200;

export const runbookChoicesQuery = queryOptions({
  queryKey: ["runbook", "choices"],
  queryFn: ({ signal }) => read(client.GET("/api/v1/runbooks", { params: { query: { limit: CHOICES } }, signal })),
});

const USE_PAGES = 10;

/** Entries that name a runbook. The API cannot be asked for them, so the newest 2,000 entries are looked through. */
export const usesQuery = (id: string) =>
  queryOptions({
    queryKey: ["incident", "of-runbook", id],
    queryFn: async ({ signal }) => {
      const uses: Array<Schema["Incident"]> = [];
      let cursor: string | null = null;
      for (let page = 0; page < USE_PAGES; page++) {
        const found: Schema["IncidentPage"] = await read(client.GET("/api/v1/incidents", { params: { query: { limit: 200, cursor: cursor ?? undefined } }, signal }));
        uses.push(...found.items.filter((incident) => incident.runbook_id === id));
        cursor = found.next_cursor;
        if (!cursor) break;
      }
      return { uses, isComplete: cursor === null };
    },
    staleTime: 60_000,
  });

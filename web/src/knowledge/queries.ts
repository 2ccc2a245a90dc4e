import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { client, read, readWithTag, type Schema } from "@/api/client";

import type { IncidentFilters } from "./filters";

export type Incident = Schema["Incident"];
export type IncidentContent = Schema["IncidentContent"];

/** How many hits a search brings; filters then narrow these. */
export const SEARCH_LIMIT = 50;

export const incidentsQuery = ({ severity, category, service, status }: IncidentFilters) =>
  infiniteQueryOptions({
    queryKey: ["incident", "list", { severity, category, service, status }],
    queryFn: ({ pageParam, signal }) =>
      read(
        client.GET("/api/v1/incidents", {
          params: { query: { severity, category: category ? [category] : undefined, service: service ? [service] : undefined, status: [status ?? "active"], limit: 50, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ["incident", "search", q],
    queryFn: ({ signal }) => read(client.GET("/api/v1/incidents/search", { params: { query: { q, limit: SEARCH_LIMIT } }, signal })),
    placeholderData: keepPreviousData,
    enabled: q !== "",
  });

export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ["incident", id],
    queryFn: ({ signal }) => readWithTag(client.GET("/api/v1/incidents/{incident_id}", { params: { path: { incident_id: id } }, signal })),
  });

export const incidentHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: ["incident", id, "history"],
    queryFn: ({ signal }) => read(client.GET("/api/v1/incidents/{incident_id}/history", { params: { path: { incident_id: id } }, signal })),
  });

/** One more than is shown: the alert on the screen may be among them. */
const LAST_RESOLUTIONS = 4;

export const resolutionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["incident", id, "resolutions"],
    queryFn: ({ signal }) => read(client.GET("/api/v1/incidents/{incident_id}/resolutions", { params: { path: { incident_id: id }, query: { limit: LAST_RESOLUTIONS } }, signal })),
  });

export const similarQuery = (id: string) =>
  queryOptions({
    queryKey: ["incident", id, "similar"],
    queryFn: ({ signal }) => read(client.GET("/api/v1/incidents/{incident_id}/similar", { params: { path: { incident_id: id }, query: { limit: 10 } }, signal })),
  });

/**
 * What an alert would become: read once per visit and not kept, and not under the noun of entries, whose events would
 * ask anew and take the form away from whoever is typing.
 */
export const draftQuery = (alertId: string) =>
  queryOptions({
    queryKey: ["draft", alertId],
    queryFn: ({ signal }) => read(client.GET("/api/v1/alerts/{alert_id}/promote", { params: { path: { alert_id: alertId } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });

/** What the list page asks the server for. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { keyOf, wantedOf, type AlertFilter } from "@/alerts/filter/search";
import { client, read, type Schema } from "@/api/client";

export type AlertPage = Schema["AlertPage"];
export type Alert = Schema["Alert"];
export type Sort = "urgent" | "newest";

const PAGE = 100;

export function alertListQuery(filter: AlertFilter, sort: Sort) {
  return infiniteQueryOptions({
    queryKey: ["alert", "list", keyOf(filter), sort],
    queryFn: ({ pageParam, signal }) =>
      read(client.GET("/api/v1/alerts", { params: { query: { ...wantedOf(filter), sort, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function facetsQuery(filter: AlertFilter) {
  return queryOptions({
    queryKey: ["alert", "facets", keyOf(filter)],
    queryFn: ({ signal }) => read(client.GET("/api/v1/alerts/facets", { params: { query: wantedOf(filter) }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** How many alerts a filter lets through: `1,204`, or `10,000+` where the server stopped counting. Pure. */
export function countInWords(total: number, isExact: boolean): string {
  return `${total.toLocaleString("en-GB")}${isExact ? "" : "+"}`;
}

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { client, read, type Schema } from "@/api/client";
import { localZone } from "@/time/words";

import { beginOf, shifted } from "./range";

export type Insight = Schema["Insight"];

export interface Range {
  from: string;
  to: string;
}

/** The tables that come as CSV too. */
export type TableName = "volume" | "mtta" | "mttr" | "repeat_offenders" | "on_call_load" | "lateness" | "knowledge_coverage" | "unmatched_titles";

function asked({ from, to }: Range) {
  return { from: beginOf(from), to: beginOf(shifted(to, 1)), zone: localZone };
}

export const insightQuery = (range: Range) =>
  queryOptions({
    queryKey: ["insight", range.from, range.to],
    queryFn: ({ signal }) => read(client.GET("/api/v1/insight", { params: { query: asked(range) }, signal })),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

export function csvPath(name: TableName, range: Range): string {
  return `/api/v1/insight/${name}.csv?${new URLSearchParams(asked(range))}`;
}

/** The alerts that a span opened, as the list's filter takes it. */
export function openedIn({ from, to }: Range): { after: string; before: string } {
  return { after: beginOf(from), before: beginOf(shifted(to, 1)) };
}

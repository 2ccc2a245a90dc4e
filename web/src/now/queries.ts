import { queryOptions } from "@tanstack/react-query";

import { client, read, type Schema } from "@/api/client";

export type Now = Schema["Now"];
export type Setup = Schema["Setup"];

/** Time goes by even when nothing happens: hours of arrivals, shifts. Events bring all else at once. */
const REFRESH_MS = 60_000;

export const nowQuery = queryOptions({
  queryKey: ["now"],
  queryFn: ({ signal }) => read(client.GET("/api/v1/now", { signal })),
  refetchInterval: REFRESH_MS,
});

/** How far a tenant has come: people, contact, roster, policy, alert, acknowledged. */
export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => read(client.GET("/api/v1/setup", { signal })),
});

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { client, read, type Schema } from "@/api/client";
import { serverNow } from "@/time/clock";

/** How often what is shown is asked for anew; never in a hidden tab. */
const FRESH_MS = 10_000;
const DAY_MS = 24 * 3_600_000;
/** Pages cost a call per alert, and so are asked for less often. */
const PAGES_FRESH_MS = 30_000;
/** The most urgent alerts whose pages are looked at. */
export const PAGED_ALERTS = 12;

export type PagedDelivery = Schema["Delivery"] & { alert: Pick<Schema["Alert"], "id" | "title"> };

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: ({ signal }) => read(client.GET("/api/v1/status", { signal })),
  refetchInterval: FRESH_MS,
});

export const ledgerQuery = queryOptions({
  queryKey: ["delivery", "ledger"],
  queryFn: ({ signal }) => read(client.GET("/api/v1/ledger/unaccounted", { signal })),
  refetchInterval: FRESH_MS,
});

export const pagesQuery = queryOptions({
  queryKey: ["delivery", "pages"],
  queryFn: async ({ signal }) => {
    const alerts = await read(client.GET("/api/v1/alerts", { params: { query: { sort: "urgent", limit: PAGED_ALERTS } }, signal }));
    const each = alerts.items.map(async ({ id, title }): Promise<PagedDelivery[]> => {
      const page = await read(client.GET("/api/v1/alerts/{alert_id}/deliveries", { params: { path: { alert_id: id }, query: { limit: 100 } }, signal }));
      return page.items.map((delivery) => ({ ...delivery, alert: { id, title } }));
    });
    return { alerts: alerts.items.length, deliveries: (await Promise.all(each)).flat() };
  },
  refetchInterval: PAGES_FRESH_MS,
  staleTime: PAGES_FRESH_MS,
});

/** What became of the pages of the last days. Each asking is about the days before it. */
export const summaryQuery = (days: number) =>
  queryOptions({
    queryKey: ["delivery", "summary", days],
    queryFn: ({ signal }) => {
      const now = serverNow();
      const query = { from: new Date(now - days * DAY_MS).toISOString(), to: new Date(now).toISOString() };
      return read(client.GET("/api/v1/deliveries/summary", { params: { query }, signal }));
    },
    refetchInterval: FRESH_MS,
    placeholderData: keepPreviousData,
  });

export const deadLettersQuery = infiniteQueryOptions({
  queryKey: ["delivery", "dead-letters"],
  queryFn: ({ pageParam, signal }) => read(client.GET("/api/v1/dead-letters", { params: { query: { limit: 20, cursor: pageParam ?? undefined } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: PAGES_FRESH_MS,
});

export const rejectedQuery = infiniteQueryOptions({
  queryKey: ["delivery", "rejected"],
  queryFn: ({ pageParam, signal }) => read(client.GET("/api/v1/rejected-payloads", { params: { query: { limit: 20, cursor: pageParam ?? undefined } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: FRESH_MS,
});

/** When each person was last sent a test page. */
export const triedPeopleQuery = queryOptions({
  queryKey: ["delivery", "tried"],
  queryFn: ({ signal }) => read(client.GET("/api/v1/status/test-pages", { signal })),
  refetchInterval: PAGES_FRESH_MS,
});

/** Whether there are pages that would have been sent, had their channel a provider. */
export const outboxQuery = queryOptions({
  queryKey: ["delivery", "outbox"],
  queryFn: ({ signal }) => read(client.GET("/api/v1/outbox", { params: { query: { limit: 1 } }, signal })),
  refetchInterval: FRESH_MS,
});

export const heartbeatsQuery = infiniteQueryOptions({
  queryKey: ["heartbeat", "list"],
  queryFn: ({ pageParam, signal }) => read(client.GET("/api/v1/heartbeats", { params: { query: { limit: 100, cursor: pageParam ?? undefined } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: FRESH_MS,
});

export const endpointsQuery = queryOptions({
  queryKey: ["endpoint", "list"],
  queryFn: ({ signal }) => read(client.GET("/api/v1/endpoints", { params: { query: { limit: 200 } }, signal })),
  refetchInterval: FRESH_MS,
});

export const subscriptionsQuery = queryOptions({
  queryKey: ["subscription", "list"],
  queryFn: ({ signal }) => read(client.GET("/api/v1/webhook-subscriptions", { params: { query: { limit: 200 } }, signal })),
  refetchInterval: FRESH_MS,
});

export const postsQuery = (subscriptionId: string, status: Schema["WebhookDelivery"]["status"] | undefined) =>
  infiniteQueryOptions({
    queryKey: ["subscription", subscriptionId, "posts", status ?? null],
    queryFn: ({ pageParam, signal }) =>
      read(
        client.GET("/api/v1/webhook-subscriptions/{subscription_id}/deliveries", {
          params: { path: { subscription_id: subscriptionId }, query: { status: status ? [status] : undefined, limit: 30, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: FRESH_MS,
    placeholderData: keepPreviousData,
  });

export const postQuery = (id: string) =>
  queryOptions({
    queryKey: ["subscription", "post", id],
    queryFn: ({ signal }) => read(client.GET("/api/v1/webhook-deliveries/{delivery_id}", { params: { path: { delivery_id: id } }, signal })),
    refetchInterval: FRESH_MS,
  });

/** What is asked about one alert, about groups, and about who can be asked to help. */
import { queryOptions } from "@tanstack/react-query";

import { client, read } from "@/api/client";

const of = (id: string) => ({ params: { path: { alert_id: id } } });
const ROWS = 200;
const PAGES = 10;

interface Page<T> {
  items: T[];
  total: number;
  next_cursor: string | null;
}

interface Window {
  limit: number;
  cursor?: string;
}

/** All rows of a list, page by page, up to 2,000; `total` tells whether these are all. */
async function all<T>(ask: (window: Window) => Promise<Page<T> | string>): Promise<{ items: T[]; total: number }> {
  const items: T[] = [];
  let cursor: string | null = null;
  let total = 0;
  for (let page = 0; page < PAGES; page += 1) {
    const answer: Page<T> = rows(await ask({ limit: ROWS, ...(cursor ? { cursor } : {}) }));
    items.push(...answer.items);
    total = answer.total;
    cursor = answer.next_cursor;
    if (!cursor) break;
  }
  return { items, total };
}

/** Lists could be asked for as CSV too, so their type is open; here it is always JSON. */
function rows<T>(answer: T | string): T {
  if (typeof answer === "string") throw new Error("A list came as text.");
  return answer;
}

export const alertQuery = (id: string) =>
  queryOptions({ queryKey: ["alert", id], queryFn: () => read(client.GET("/api/v1/alerts/{alert_id}", of(id))) });

export const ladderQuery = (id: string) =>
  queryOptions({ queryKey: ["alert", id, "escalation"], queryFn: () => read(client.GET("/api/v1/alerts/{alert_id}/escalation", of(id))) });

export const timelineQuery = (id: string) =>
  queryOptions({
    queryKey: ["alert", id, "timeline"],
    queryFn: () => all((query) => read(client.GET("/api/v1/alerts/{alert_id}/timeline", { params: { path: { alert_id: id }, query } }))),
  });

export const deliveriesQuery = (id: string) =>
  queryOptions({
    queryKey: ["alert", id, "deliveries"],
    queryFn: () => all((query) => read(client.GET("/api/v1/alerts/{alert_id}/deliveries", { params: { path: { alert_id: id }, query } }))),
  });

export const explanationQuery = (id: string) =>
  queryOptions({ queryKey: ["alert", id, "explain"], queryFn: () => read(client.GET("/api/v1/alerts/{alert_id}/explain", of(id))) });

/** What those who had the alert say of what was known for it. */
export const votesQuery = (id: string) =>
  queryOptions({ queryKey: ["alert", id, "votes"], queryFn: () => read(client.GET("/api/v1/alerts/{alert_id}/votes", of(id))) });

/** Alerts of other problems; what happens to any alert may change who is in it. */
export const similarAlertsQuery = (id: string) =>
  queryOptions({ queryKey: ["alert", "list", { similar: id }], queryFn: () => read(client.GET("/api/v1/alerts/{alert_id}/similar", of(id))) });

export const rawQuery = (id: string) =>
  queryOptions({ queryKey: ["alert", id, "raw"], queryFn: () => read(client.GET("/api/v1/alerts/{alert_id}/raw", of(id))) });

/** The episodes of the same problem, this one among them, newest first. */
export const episodesQuery = (fingerprint: string) =>
  queryOptions({
    queryKey: ["alert", "list", { fingerprint, limit: 6 }],
    queryFn: async () => rows(await read(client.GET("/api/v1/alerts", { params: { query: { fingerprint: [fingerprint], limit: 6, sort: "newest" } } }))),
  });

/** The people who are still there. */
export const peopleQuery = queryOptions({
  queryKey: ["user", "people"],
  queryFn: async () => {
    const people = await all((query) => read(client.GET("/api/v1/users", { params: { query } })));
    return people.items.filter((each) => each.is_active);
  },
  staleTime: 60_000,
});

export type GroupState = "open" | "closed";

export const groupsQuery = (state: GroupState | undefined) =>
  queryOptions({
    queryKey: ["group", "list", { state }],
    queryFn: () => all((query) => read(client.GET("/api/v1/groups", { params: { query: { ...query, ...(state ? { state } : {}) } } }))),
  });

export const groupQuery = (id: string) =>
  queryOptions({ queryKey: ["group", id], queryFn: () => read(client.GET("/api/v1/groups/{group_id}", { params: { path: { group_id: id } } })) });

/** The alerts of a group are alerts: what changes one shows here at once. */
export const membersQuery = (groupId: string) =>
  queryOptions({
    queryKey: ["alert", "list", { members: groupId }],
    queryFn: () => all((query) => read(client.GET("/api/v1/groups/{group_id}/alerts", { params: { path: { group_id: groupId }, query } }))),
  });

const JOB_MS = 700;

/** How far a change for many alerts is; asked again until it is over. */
export const jobQuery = (groupId: string, jobId: string) =>
  queryOptions({
    queryKey: ["group", groupId, "job", jobId],
    queryFn: () => read(client.GET("/api/v1/alerts/bulk/{job_id}", { params: { path: { job_id: jobId } } })),
    refetchInterval: ({ state }) => (state.data?.finished_at || state.error ? false : JOB_MS),
  });

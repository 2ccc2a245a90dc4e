/** Saved views: what is asked and written. */
import { queryOptions } from "@tanstack/react-query";

import { client, read, type Schema } from "@/api/client";
import { queries } from "@/api/queries";

import { filterOf, keyOf, wantedOf, type AlertFilter } from "./search";

export type SavedView = Schema["SavedView"];
export type ViewContent = Schema["SavedViewContent"];

const MOST = 200;
const COUNT_EVERY_MS = 30_000;

export const viewsQuery = queryOptions({
  queryKey: ["view", "list"],
  queryFn: ({ signal }) => read(client.GET("/api/v1/saved-views", { params: { query: { limit: MOST } }, signal })),
});

/** How many alerts a view shows. Counted now and then, not with every event: there may be many views. */
export function viewCountQuery(filter: AlertFilter) {
  return queryOptions({
    queryKey: ["view", "count", keyOf(filter)],
    queryFn: async ({ signal }) => {
      const page = await read(client.GET("/api/v1/alerts", { params: { query: { ...wantedOf(filter), limit: 1 } }, signal }));
      return { total: page.total, isExact: page.total_is_exact ?? true };
    },
    refetchInterval: COUNT_EVERY_MS,
  });
}

export function filterOfView(view: Pick<SavedView, "query">): AlertFilter {
  return filterOf(view.query);
}

export function contentOf({ name, query, is_shared, has_sound }: SavedView): ViewContent {
  return { name, query, is_shared, has_sound };
}

export async function createView(content: ViewContent): Promise<SavedView> {
  const made = await read(client.POST("/api/v1/saved-views", { body: content }));
  await queries.invalidateQueries({ queryKey: viewsQuery.queryKey });
  return made;
}

/** `view` is what the person saw: somebody else's change in between is refused with 412. */
export async function updateView(view: SavedView, content: ViewContent): Promise<SavedView> {
  const changed = await read(client.PUT("/api/v1/saved-views/{view_id}", { params: { path: { view_id: view.id }, header: { "If-Match": `"${view.revision}"` } }, body: content }));
  await queries.invalidateQueries({ queryKey: viewsQuery.queryKey });
  return changed;
}

export async function deleteView(view: SavedView): Promise<void> {
  await read(client.DELETE("/api/v1/saved-views/{view_id}", { params: { path: { view_id: view.id }, header: { "If-Match": `"${view.revision}"` } } }));
  await queries.invalidateQueries({ queryKey: viewsQuery.queryKey });
}

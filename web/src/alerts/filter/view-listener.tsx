/** Rings when an alert comes into a view that has a sound. One tab does, for whoever turned sounds on. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { client, read } from "@/api/client";
import { isSoundOn, ring } from "@/live/sound";
import { isLeader } from "@/live/use-live";

import { keyOf, wantedOf, type AlertFilter } from "./search";
import { hasNews, knownAfter } from "./view-sounds";
import { filterOfView, viewsQuery } from "./views-queries";

/** Its key begins with the noun of events: it is asked for again when alerts change. It holds no `id`, which they would patch. */
const newestQuery = (filter: AlertFilter) => ({
  queryKey: ["alert", "newest", keyOf(filter)],
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const page = await read(client.GET("/api/v1/alerts", { params: { query: { ...wantedOf(filter), limit: 1 } }, signal }));
    return { view: keyOf(filter), newest: page.items[0]?.id ?? null };
  },
});

export default function ViewListener() {
  const views = useQuery(viewsQuery).data?.items.filter((view) => view.has_sound) ?? [];
  const newest = useQueries({ queries: views.map((view) => newestQuery(filterOfView(view))), combine: (found) => found.flatMap(({ data }) => data ?? []) });
  const known = useRef<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    const isNew = hasNews(known.current, newest);
    known.current = knownAfter(known.current, newest);
    if (isNew && isSoundOn() && isLeader()) void ring();
  }, [newest]);
  return null;
}

/** Lists that come page by page. */
import { infiniteQueryOptions, type InfiniteData } from "@tanstack/react-query";

export interface ListPage<T> {
  next_cursor: string | null;
  total: number;
  items: T[];
}

/** Options for `useInfiniteQuery`; `fetch` gets the cursor, and none for the first page. */
export function pages<P extends ListPage<unknown>>(queryKey: readonly unknown[], fetch: (cursor: string | undefined) => Promise<P>) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam }) => fetch(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: P) => page.next_cursor ?? undefined,
  });
}

/** All items that are loaded. */
export function itemsOf<P extends ListPage<unknown>>(data: InfiniteData<P, unknown>): Array<P["items"][number]> {
  return data.pages.flatMap((page) => page.items);
}

/** How many there are on the server, by the newest page. */
export function totalOf(data: InfiniteData<ListPage<unknown>, unknown>): number {
  return data.pages.at(-1)?.total ?? 0;
}

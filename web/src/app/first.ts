/**
 * What is asked for before there is anything to draw with: who is here, and what the pages show at which a night begins.
 *
 * A page finds its answers in the cache, or on their way. All other pages ask when they come.
 */
import { defaultParseSearch } from "@tanstack/react-router";

import { filterOf, toAlertSearch } from "@/alerts/filter/search";
import { alertListQuery, facetsQuery } from "@/alerts/list/queries";
import { alertQuery } from "@/alerts/queries";
import { queries } from "@/api/queries";
import { nowQuery } from "@/now/queries";
import { isLikelyGone, meQuery } from "@/session/me-query";

interface First {
  path: RegExp;
  code: () => Promise<unknown>;
  /** Gets the path's groups and its search as it stands. */
  ask: (groups: readonly string[], search: string) => readonly Promise<void>[];
}

const FIRST: readonly First[] = [
  { path: /^\/$/u, code: () => import("@/now/now-page"), ask: () => [queries.prefetchQuery(nowQuery)] },
  {
    path: /^\/alerts$/u,
    code: () => import("@/alerts/list/alerts-page"),
    ask: (_, search) => {
      const { sort, ...given } = toAlertSearch(defaultParseSearch(search));
      const filter = filterOf(given);
      return [queries.prefetchInfiniteQuery(alertListQuery(filter, sort ?? "urgent")), queries.prefetchQuery(facetsQuery(filter))];
    },
  },
  { path: /^\/alerts\/([\da-f-]{36})$/u, code: () => import("@/alerts/detail/alert-page"), ask: ([id]) => [queries.prefetchQuery(alertQuery(id!))] },
];

/** For these nobody is signed in yet. */
const OUTSIDE = /^\/(?:login|change-password)\b/u;

/** What fails here fails again, and is told, where the page asks for it. */
export function askFirst({ pathname, search }: Pick<Location, "pathname" | "search">): void {
  if (OUTSIDE.test(pathname)) return;
  void queries.prefetchQuery(meQuery);
  if (isLikelyGone()) return;
  for (const { path, ask } of FIRST) {
    const found = path.exec(pathname);
    if (found) ask(found.slice(1), search);
  }
}

/** Has the page's own code come. */
export function fetchCode({ pathname }: Pick<Location, "pathname">): void {
  for (const { path, code } of FIRST) if (path.test(pathname)) void code().catch(() => undefined); // told by the router
}

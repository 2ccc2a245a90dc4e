/** The saved views of the alert list, below the place that they are views of, with how many alerts each shows. */
import { useQuery } from "@tanstack/react-query";
import { Link, useRouterState } from "@tanstack/react-router";
import { clsx } from "clsx";

import { filterOf, keyOf, toAlertSearch } from "@/alerts/filter/search";
import { filterOfView, viewCountQuery, viewsQuery, type SavedView } from "@/alerts/filter/views-queries";
import { countInWords } from "@/alerts/list/queries";
import { useTicking } from "@/time/clock";

/** The rest is in the page's own strip. */
const MOST = 8;
/** A count that nobody has asked for again says nothing any more. */
const FRESH_MS = 120_000;

/** Asks for nothing: it shows what the list's own strip of views has asked for. */
export function SavedViews() {
  const shown = useRouterState({ select: ({ location }) => (location.pathname === "/alerts" ? keyOf(filterOf(location.search)) : null) });
  const views = useQuery({ ...viewsQuery, enabled: false }).data?.items ?? [];
  if (views.length === 0) return null;
  return (
    <ul aria-label="Saved views" className="grid gap-0.5">
      {views.slice(0, MOST).map((view) => (
        <View key={view.id} view={view} isShown={shown === keyOf(filterOfView(view))} />
      ))}
    </ul>
  );
}

function View({ view, isShown }: { view: SavedView; isShown: boolean }) {
  const filter = filterOfView(view);
  const { data: count, dataUpdatedAt } = useQuery({ ...viewCountQuery(filter), enabled: false });
  const isFresh = useTicking(() => Date.now() - dataUpdatedAt < FRESH_MS);
  return (
    <li>
      <Link to="/alerts" search={toAlertSearch(filter)} aria-current={isShown ? "true" : undefined} className={clsx("target flex items-center gap-2 rounded-md pr-2 pl-9 text-xs hover:bg-raised", isShown ? "font-medium text-accent" : "text-muted")}>
        <span className="min-w-0 flex-1 truncate" title={view.name}>
          {view.name}
        </span>
        {count && isFresh && (
          <span className="tabular-nums">
            {countInWords(count.total, count.isExact)}
            <span className="sr-only"> alerts</span>
          </span>
        )}
      </Link>
    </li>
  );
}

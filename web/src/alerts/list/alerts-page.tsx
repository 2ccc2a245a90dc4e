import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { useAlertActions } from "@/alerts/act/actions";
import { BulkBar } from "@/alerts/bulk/bar";
import { BulkProgress } from "@/alerts/bulk/progress";
import { useBulk } from "@/alerts/bulk/run";
import { extended, isNone, NONE, toggled, toggledAll, type Selection } from "@/alerts/bulk/selection";
import type { BulkCommand } from "@/alerts/bulk/words";
import { offersTo } from "@/alerts/detail/verbs";
import { ListChips } from "@/alerts/filter/chips";
import { Facets } from "@/alerts/filter/facets";
import { namesOf } from "@/alerts/filter/facets-model";
import { chipsOf, filterOf, toAlertSearch, type AlertFilter } from "@/alerts/filter/search";
import { ViewMenu, ViewStrip } from "@/alerts/filter/views";
import { may, useMe } from "@/session/me";
import { Dialog } from "@/ui/dialog";
import { Page } from "@/ui/page";
import { Failed, Skeleton, Stale } from "@/ui/panel";
import { useSteps } from "@/ui/steps";

import { ListAsk, type Ask } from "./ask";
import { ListEmpty } from "./empty";
import { useListKeys } from "./keys";
import { useListLayout } from "./layout";
import { NewRows } from "./new";
import { placeOf } from "./order";
import { useListVerbs } from "./palette";
import { ListPane } from "./pane";
import { countInWords, facetsQuery, type Sort } from "./queries";
import { newerOf, useAlertList, useNewestOf, useScrolled, useTouched } from "./state";
import { ListTable, type TableHandle } from "./table";
import { ListToolbar } from "./toolbar";

export default function AlertsPage() {
  const search = useSearch({ from: "/shell/alerts" });
  const navigate = useNavigate({ from: "/alerts" });
  const filter = useMemo(() => filterOf(search), [search]);
  const sort: Sort = search.sort ?? "urgent";
  const canAct = may(useMe(), "engineer");
  const layout = useListLayout();
  const [sheet, setSheet] = useState(false);
  const [selection, select] = useState<Selection>(NONE);
  const [cursor, setCursor] = useState<{ id: string | null; place: number }>({ id: null, place: 0 });
  const [ask, setAsk] = useState<Ask | null>(null);
  const table = useRef<TableHandle>(null);
  const searchBox = useRef<HTMLInputElement>(null);
  const aside = useRef<HTMLElement>(null);

  const { isTouched, handlers } = useTouched();
  const isScrolled = useScrolled();
  useEffect(() => {
    // Told by the router, when it comes to it.
    if (isTouched) void import("@/alerts/detail/alert-page").catch(() => undefined);
  }, [isTouched]);
  const list = useAlertList(filter, sort, isTouched || isScrolled || !isNone(selection));
  const { ids, alerts, query, total } = list;
  const names = namesOf(useQuery(facetsQuery(filter)).data, alerts.values());
  const place = placeOf(ids, cursor.id, cursor.place);
  const id = ids[place] ?? "";
  const isGone = alerts.has(id) && !list.current.has(id);
  const under = newerOf(alerts.get(id), useNewestOf(isGone ? [id] : []).get(id));
  const actions = useAlertActions();

  const show = useCallback(
    (next: AlertFilter, options: { isTyped?: boolean; sort?: Sort } = {}) => {
      select(NONE);
      setCursor({ id: null, place: 0 });
      void navigate({ search: ({ sort, job }) => toAlertSearch({ ...next, sort: options.sort ?? sort, job }), replace: options.isTyped ?? false });
    },
    [navigate],
  );
  const showJob = useCallback((job?: string) => void navigate({ search: (last) => ({ ...last, job }), replace: true, resetScroll: false }), [navigate]);
  const bulk = useBulk((job) => {
    select(NONE);
    showJob(job.id);
  });
  const chosen = selection.kind === "all" ? [] : [...selection.ids].flatMap((id) => alerts.get(id) ?? []);
  const runBulk = (command: BulkCommand) => bulk.run({ command, selection, filter, before: chosen });
  const subject = selection.kind === "all" ? `all ${total ? countInWords(total.count, total.isExact) : ""} alerts of this filter` : selection.ids.size === 1 ? "1 alert" : `${selection.ids.size.toLocaleString("en-GB")} alerts`;
  const askFor = (kind: Ask["kind"]) => {
    if (!canAct) return;
    if (!isNone(selection)) setAsk({ kind, alert: null });
    else if (under) setAsk({ kind, alert: under });
  };
  const acknowledge = () => {
    if (!canAct) return;
    if (!isNone(selection)) runBulk({ action: "acknowledge" });
    else if (under?.status === "firing") void actions.acknowledge(under);
  };
  const investigate = () => {
    if (!canAct) return;
    if (!isNone(selection)) runBulk({ action: "investigate" });
    else if (under && offersTo(under, canAct).some(({ verb }) => verb === "investigate")) void actions.investigate(under);
  };
  useListVerbs({ subject: isNone(selection) ? null : subject, under, mayAct: canAct, isBusy: bulk.isBusy, actions, onBulk: runBulk, onAsk: setAsk });
  const open = useCallback((id: string) => void navigate({ to: "/alerts/$alertId", params: { alertId: id } }), [navigate]);
  // The rows keep what they were given while further ones come.
  const newestIds = useRef(ids);
  newestIds.current = ids;
  const moveTo = (to: number) => setCursor({ id: ids[to] ?? null, place: to });
  const toggle = useCallback((id: string, isRange: boolean) => select((last) => (isRange ? extended(last, id, newestIds.current) : toggled(last, id, newestIds.current))), []);
  const press = useCallback(
    (id: string, isByKey: boolean) => {
      // A key that follows the link opens it.
      if (layout.hasPane && !isByKey) setCursor({ id, place: newestIds.current.indexOf(id) });
      else open(id);
    },
    [layout.hasPane, open],
  );
  const toFacets = () => {
    if (!layout.hasAside) setSheet(true);
    else {
      layout.setFacets(true);
      requestAnimationFrame(() => aside.current?.querySelector<HTMLElement>("button")?.focus());
    }
  };
  useListKeys({
    count: ids.length,
    cursor: place,
    table,
    onMove: moveTo,
    onOpen: () => under && open(under.id),
    onSelect: (isRange) => canAct && under && toggle(under.id, isRange),
    onClear: () => select(NONE),
    onAcknowledge: acknowledge,
    onInvestigate: investigate,
    onAsk: askFor,
    onSearch: () => searchBox.current?.focus(),
    onFacets: toFacets,
  });

  const hasAside = layout.hasAside && layout.areFacetsOpen;
  // What stands above the rows is seen first, then they; the filters beside them are as much to draw, and to ask for.
  const hasRest = useSteps(2) === 2;
  const isFull = selection.kind === "some" && ids.length > 0 && ids.every((id) => selection.ids.has(id)) && query.hasNextPage && !query.isPlaceholderData;
  return (
    <Page title="Alerts" lead={total && !query.isPlaceholderData ? <Total {...total} /> : query.error ? "How many is not known" : "Counting…"} actions={<ViewMenu filter={filter} onChange={show} />}>
      <div className="grid gap-3">
        <ViewStrip filter={filter} areCounted={hasRest} onChange={show} />
        <ListToolbar
          filter={filter}
          sort={sort}
          density={layout.density}
          areFacetsOpen={layout.hasAside ? layout.areFacetsOpen : sheet}
          searchRef={searchBox}
          onWords={(q) => show({ ...filter, q }, { isTyped: true })}
          onSort={(next) => show(filter, { sort: next })}
          onDensity={layout.setDensity}
          onFacets={() => (layout.hasAside ? layout.setFacets(!layout.areFacetsOpen) : setSheet(true))}
        />
        <ListChips filter={filter} names={names} onChange={show} />
        {search.job && <BulkProgress jobId={search.job} alerts={alerts} onOver={bulk.over} onClose={() => showJob()} />}
        <div className="flex items-start gap-4">
          {hasAside && (
            <aside ref={aside} aria-label="Filters" className="sticky top-16 max-h-[calc(100dvh-5rem)] w-52 shrink-0 overflow-y-auto pr-1">
              {hasRest ? <Facets filter={filter} onChange={show} /> : <Skeleton lines={8} what="The filters" />}
            </aside>
          )}
          <div className="flex min-w-0 flex-1 flex-col gap-2" {...handlers}>
            <NewRows
              waiting={list.waiting}
              isMoved={list.isMoved}
              onApply={() => {
                list.apply();
                window.scrollTo({ top: 0 });
              }}
            />
            {query.data === undefined ? (
              query.error ? (
                <Failed error={query.error} what="The alerts" onRetry={() => void query.refetch()} isRetrying={query.isFetching} />
              ) : (
                <Skeleton lines={12} what="The alerts" />
              )
            ) : (
              <>
                {query.error && !query.isFetchNextPageError && <Stale query={query} what="The alerts" />}
                {ids.length === 0 ? (
                  <ListEmpty isFiltered={chipsOf(filter).length > 0} onClear={() => show({})} />
                ) : (
                  <ListTable list={list} density={layout.density} cursor={place} selection={selection} canSelect={canAct} handle={table} onToggle={toggle} onToggleAll={() => select(toggledAll(selection, ids))} onPress={press} />
                )}
              </>
            )}
            {!isNone(selection) && (
              <BulkBar
                subject={subject}
                offerAll={isFull && total ? `Select all ${countInWords(total.count, total.isExact)} of this filter` : null}
                isBusy={bulk.isBusy}
                onAll={() => select({ kind: "all" })}
                onAcknowledge={acknowledge}
                onAsk={askFor}
                onClear={() => select(NONE)}
              />
            )}
          </div>
          {layout.hasPane && under && (
            <div className="sticky top-16 max-h-[calc(100dvh-5rem)] w-[22rem] shrink-0 overflow-y-auto">
              <ListPane alert={under} actions={actions} onAsk={(kind) => setAsk({ kind, alert: under })} />
            </div>
          )}
        </div>
      </div>
      <Dialog isOpen={sheet && !layout.hasAside} onClose={() => setSheet(false)} title="Filters">
        <Facets filter={filter} onChange={show} />
      </Dialog>
      {ask && <ListAsk ask={ask} subject={subject} actions={actions} onBulk={runBulk} onClose={() => setAsk(null)} />}
    </Page>
  );
}

function Total({ count, isExact }: { count: number; isExact: boolean }) {
  return (
    <span aria-live="polite">
      {isExact ? "" : "More than "}
      {count.toLocaleString("en-GB")} {count === 1 ? "alert" : "alerts"}
    </span>
  );
}

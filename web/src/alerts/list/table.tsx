/** The rows: only those in sight are drawn, whatever their number. The window scrolls, so that a phone's bars behave. */
import { useWindowVirtualizer, defaultRangeExtractor } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import { useDeferredValue, useEffect, useRef, type RefObject } from "react";

import { isNone, isSelected, type Selection } from "@/alerts/bulk/selection";
import { Button } from "@/ui/button";
import { Failed } from "@/ui/panel";

import { usePlace, type Density } from "./layout";
import { COLUMNS, ListRow, Tick } from "./row";
import { newerOf, useNewestOf, type AlertList } from "./state";

const BEFORE_END = 25;
const TOP_STRIP = 64;
const CARD_PX = 76;
const OVERSCAN = 8;

const HEADINGS = ["Severity", "Alert", "Service", "Times fired", "Age", "Owner", "Next tier", "Known", "Status"] as const;
const SHORT: Partial<Record<(typeof HEADINGS)[number], string>> = { Severity: "", "Times fired": "Fired", Known: "" };

export interface TableHandle {
  /** Brings a row into sight and gives it the focus. */
  focusRow: (place: number) => void;
}

interface TableProps {
  list: AlertList;
  density: Density;
  cursor: number;
  selection: Selection;
  canSelect: boolean;
  handle: RefObject<TableHandle | null>;
  onToggle: (id: string, isRange: boolean) => void;
  onToggleAll: () => void;
  onPress: (id: string, isByKey: boolean) => void;
}

export function ListTable({ list, density, cursor, selection, canSelect, handle, onToggle, onToggleAll, onPress }: TableProps) {
  const { ids, alerts, current, query, total } = list;
  const body = useRef<HTMLDivElement>(null);
  const focusNext = useRef<string | null>(null);
  const place = usePlace(body, density);
  const { top, height } = place ?? { top: 0, height: 0 };
  // What is in sight is seen first.
  const overscan = useDeferredValue(OVERSCAN, 0);
  const rows = useWindowVirtualizer({
    count: place ? ids.length : 0,
    estimateSize: () => height ?? CARD_PX,
    getItemKey: (index) => ids[index]!,
    overscan,
    // Else the first rows would be drawn only once the window was measured, in one go.
    initialRect: { width: window.innerWidth, height: window.innerHeight },
    scrollMargin: top,
    scrollPaddingStart: TOP_STRIP + 36,
    scrollPaddingEnd: 80,
    // The cursor's row stays, so that the focus on it is not lost by scrolling away.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), ...(cursor >= 0 && cursor < ids.length ? [cursor] : [])])].sort((a, b) => a - b),
  });
  const drawn = rows.getVirtualItems();
  // Heights that were measured hold until rows get another form; to forget them each time would draw for ever.
  const laidOut = useRef<number | null | undefined>(undefined);
  const isPlaced = place !== null;
  useEffect(() => {
    if (!isPlaced) return;
    if (laidOut.current !== undefined && laidOut.current !== height) rows.measure();
    laidOut.current = height;
  }, [rows, isPlaced, height]);
  const newest = useNewestOf(drawn.map((item) => ids[item.index]!).filter((id) => !current.has(id)));
  useEffect(() => {
    handle.current = {
      focusRow: (place) => {
        focusNext.current = ids[place] ?? null;
        rows.scrollToIndex(place, { align: "auto" });
      },
    };
  }, [handle, ids, rows]);
  useEffect(() => {
    if (!focusNext.current) return;
    const link = body.current?.querySelector<HTMLElement>(`[data-alert="${CSS.escape(focusNext.current)}"]`);
    if (!link) return;
    focusNext.current = null;
    link.focus({ preventScroll: true });
  });
  const last = drawn.at(-1)?.index ?? 0;
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError && last >= ids.length - BEFORE_END) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage, last, ids.length]);

  const selected = isNone(selection) ? 0 : ids.filter((id) => isSelected(selection, id)).length;
  return (
    <div className="@container">
      <div role="table" aria-label="Alerts" aria-rowcount={total?.isExact ? total.count + 1 : -1} aria-busy={query.isPlaceholderData || undefined} className={clsx("md:rounded-lg md:border md:bg-card", query.isPlaceholderData && "opacity-60")}>
        <div role="rowgroup" className="md:sticky md:top-12 md:z-10 md:rounded-t-lg md:border-b md:bg-card">
          <div role="row" aria-rowindex={1} className={clsx("grid min-h-9 grid-cols-[2rem_minmax(0,1fr)] items-center gap-x-2 px-2 text-xs text-muted", COLUMNS)}>
            <div role="columnheader">{canSelect ? <Tick isOn={selected === 0 ? false : selected === ids.length || "mixed"} label="Select all rows that are shown" onToggle={onToggleAll} /> : <span className="sr-only">Selection</span>}</div>
            {HEADINGS.map((heading) => (
              <div key={heading} role="columnheader" className="sr-only @4xl:not-sr-only" title={SHORT[heading] === undefined ? undefined : heading}>
                <span aria-hidden={SHORT[heading] !== undefined || undefined}>{SHORT[heading] ?? heading}</span>
                {SHORT[heading] !== undefined && <span className="sr-only">{heading}</span>}
              </div>
            ))}
            <span aria-hidden className="@4xl:hidden">{canSelect && (selected > 0 ? `${selected.toLocaleString("en-GB")} selected` : "Select all shown")}</span>
          </div>
        </div>
        <div role="rowgroup" ref={body} className="relative" style={{ height: place ? rows.getTotalSize() : ids.length * CARD_PX }}>
          {drawn.map((item) => {
            const alert = newerOf(alerts.get(ids[item.index]!), newest.get(ids[item.index]!));
            if (!alert) return null;
            return (
              <div key={item.key} role="none" ref={height === null ? rows.measureElement : undefined} data-index={item.index} className="absolute inset-x-0 top-0 max-md:pb-2" style={{ transform: `translateY(${item.start - top}px)`, height: height ?? undefined }}>
                <ListRow
                  alert={alert}
                  index={item.index}
                  isCursor={item.index === cursor}
                  isSelected={isSelected(selection, alert.id)}
                  isGone={!current.has(alert.id)}
                  canSelect={canSelect}
                  onToggle={onToggle}
                  onPress={onPress}
                />
              </div>
            );
          })}
        </div>
      </div>
      <More list={list} />
    </div>
  );
}

/** What stands below the last row: more are coming, could not be loaded, or there are none. */
function More({ list: { query, ids } }: { list: AlertList }) {
  if (query.isFetchNextPageError && query.error)
    return (
      <div className="py-3">
        <Failed error={query.error} what="The next rows" onRetry={() => void query.fetchNextPage()} isRetrying={query.isFetchingNextPage} />
      </div>
    );
  return (
    <p className="px-2 py-3 text-center text-xs text-muted">
      {query.hasNextPage ? <Button look="quiet" isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>More</Button> : ids.length > 8 ? "These are all." : null}
    </p>
  );
}

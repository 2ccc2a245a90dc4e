/** What of the list is on the screen: the newest answer, and the order that people see of it. */
import { useInfiniteQuery, useQueries, type InfiniteData } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState, type PointerEvent } from "react";

import { keyOf, type AlertFilter } from "@/alerts/filter/search";
import { alertQuery } from "@/alerts/queries";

import { nextOrder, NOTHING_SHOWN, takeOver, type ShownOrder } from "./order";
import { alertListQuery, type Alert, type AlertPage, type Sort } from "./queries";

interface Held {
  /** Of which filter the rows are. */
  key: string;
  data: InfiniteData<AlertPage> | undefined;
  isFrozen: boolean;
  order: ShownOrder;
  alerts: ReadonlyMap<string, Alert>;
  /** Ids of the newest answer; a shown row that is not among them fits the filter no longer. */
  current: ReadonlySet<string>;
}

const EMPTY: Held = { key: "", data: undefined, isFrozen: false, order: NOTHING_SHOWN, alerts: new Map(), current: new Set() };

/** While `isFrozen`, rows change where they are; `apply` takes over the newest order all the same. */
export function useAlertList(filter: AlertFilter, sort: Sort, isFrozen: boolean) {
  const query = useInfiniteQuery(alertListQuery(filter, sort));
  const [held, hold] = useState(EMPTY);
  const key = query.isPlaceholderData ? held.key : `${keyOf(filter)} ${sort}`;
  let shown = held;
  if (query.data !== undefined && (query.data !== held.data || isFrozen !== held.isFrozen || key !== held.key)) {
    shown = heldOf(query.data, held, key, isFrozen);
    hold(shown);
  }
  const apply = useCallback(() => hold((last) => (last.data ? heldOf(last.data, { ...last, key: "" }, last.key, false) : last)), []);
  const first = query.data?.pages.at(-1);
  return {
    query,
    ids: shown.order.ids,
    alerts: shown.alerts,
    current: shown.current,
    waiting: shown.order.waiting.length,
    isMoved: shown.order.isMoved,
    apply,
    total: first ? { count: first.total, isExact: first.total_is_exact ?? true } : null,
  };
}

export type AlertList = ReturnType<typeof useAlertList>;

function heldOf(data: InfiniteData<AlertPage>, held: Held, key: string, isFrozen: boolean): Held {
  const pages = data.pages.map((page) => page.items.map((alert) => alert.id));
  const order = key === held.key ? nextOrder(held.order, pages, isFrozen) : takeOver(pages);
  const alerts = new Map(data.pages.flatMap((page) => page.items.map((alert) => [alert.id, alert] as const)));
  const current = new Set(alerts.keys());
  for (const id of order.ids) {
    const last = held.alerts.get(id);
    if (last && !alerts.has(id)) alerts.set(id, last);
  }
  return { key, data, isFrozen, order, alerts, current };
}

/**
 * Rows that are still shown though the newest answer lacks them (they moved far down, or fit no longer) are asked for by
 * themselves: they must not go on saying what they were.
 */
export function useNewestOf(gone: readonly string[]): ReadonlyMap<string, Alert> {
  return useQueries({ queries: gone.length ? gone.map((id) => alertQuery(id)) : NOTHING, combine: byId });
}

const NOTHING: Array<ReturnType<typeof alertQuery>> = [];

function byId(answers: ReadonlyArray<{ data: Alert | undefined }>): ReadonlyMap<string, Alert> {
  return new Map(answers.flatMap(({ data }) => (data ? [[data.id, data] as const] : [])));
}

/** What is asked for by itself may be older than what the list was told meanwhile. Pure. */
export function newerOf(held: Alert | undefined, asked: Alert | undefined): Alert | undefined {
  return held && asked && asked.version >= held.version ? asked : held;
}

const AFTER_TOUCH_MS = 8_000;

/**
 * Whether somebody points at the list: a mouse over it, a finger on it moments ago, or a key that was pressed in it
 * moments ago.
 */
export function useTouched() {
  const [isTouched, setTouched] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const handlers = useMemo(() => {
    const touch = (isPassing: boolean) => {
      clearTimeout(timer.current);
      setTouched(true);
      if (isPassing) timer.current = setTimeout(() => setTouched(false), AFTER_TOUCH_MS);
    };
    return {
      onPointerEnter: (event: PointerEvent) => touch(event.pointerType !== "mouse"),
      onPointerDown: (event: PointerEvent) => touch(event.pointerType !== "mouse"),
      onPointerLeave: (event: PointerEvent) => event.pointerType === "mouse" && setTouched(false),
      onFocus: () => touch(true),
    };
  }, []);
  return { isTouched, handlers };
}

const SCROLLED_PX = 80;

/** Whether the first rows may be out of sight. Looked at when it scrolls only: to ask while drawing lays the page out. */
export function useScrolled(): boolean {
  const [isScrolled, setScrolled] = useState(false);
  useEffect(() => {
    const look = () => setScrolled(window.scrollY > SCROLLED_PX);
    look();
    window.addEventListener("scroll", look, { passive: true });
    return () => window.removeEventListener("scroll", look);
  }, []);
  return isScrolled;
}

/** The keys of the alert list. */
import { useEffect, useRef, type RefObject } from "react";

import { areKeysOn, isNotOurs, nameOf, useKeys } from "@/app/keys";
import { usualKey } from "@/ui/key-map";

import type { TableHandle } from "./table";

export interface ListKeys {
  count: number;
  cursor: number;
  table: RefObject<TableHandle | null>;
  onMove: (place: number) => void;
  onOpen: () => void;
  onSelect: (isRange: boolean) => void;
  onClear: () => void;
  onAcknowledge: () => void;
  onInvestigate: () => void;
  onAsk: (kind: "snooze" | "escalate" | "resolve" | "comment" | "assign") => void;
  onSearch: () => void;
  onFacets: () => void;
}

const STEPS: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

export function useListKeys(keys: ListKeys): void {
  const move = (step: number) => {
    const { count, cursor, table, onMove } = keys;
    if (count === 0) return;
    // The first press shows where the cursor is, the next ones move it.
    const isThere = document.activeElement instanceof HTMLElement && document.activeElement.dataset["alert"] !== undefined;
    const place = Math.min(Math.max(cursor + (isThere ? step : 0), 0), count - 1);
    onMove(place);
    table.current?.focusRow(place);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    x: () => keys.onSelect(false),
    "shift+x": () => keys.onSelect(true),
    Escape: keys.onClear,
    a: keys.onAcknowledge,
    s: () => keys.onAsk("snooze"),
    e: () => keys.onAsk("escalate"),
    r: () => keys.onAsk("resolve"),
    c: () => keys.onAsk("comment"),
    m: () => keys.onAsk("assign"),
    i: keys.onInvestigate,
    "/": keys.onSearch,
    f: keys.onFacets,
  });
  const current = useRef({ keys, move });
  current.current = { keys, move };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!areKeysOn()) return;
      const step = STEPS[usualKey(nameOf(event)) ?? ""];
      const target = event.target instanceof Element ? event.target : null;
      // A key that is held repeats; other keys do not.
      if (event.repeat && step && !event.ctrlKey && !event.metaKey && !event.altKey && target?.matches("[data-alert]")) {
        event.preventDefault();
        current.current.move(step);
      }
      // Where a link or a button has the focus, Enter is its own.
      if (event.key === "Enter" && !isNotOurs(event) && !target?.closest("a, button, summary")) {
        event.preventDefault();
        current.current.keys.onOpen();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

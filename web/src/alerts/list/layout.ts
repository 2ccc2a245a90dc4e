/** How a person likes the list to be laid out (a preference, not a part of the link), and how wide the window is. */
import { useLayoutEffect, useState, useSyncExternalStore, type RefObject } from "react";

import { chosenDensity, type Density } from "@/session/keep";
import { prefer } from "@/session/preferences";

export type { Density };

const FACETS = "nightowl.alerts.facets";

/** As CSS media queries say it: `(min-width: 80rem)`. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => window.matchMedia(query).matches,
  );
}

export function useListLayout() {
  const [density, setDensity] = useState(chosenDensity);
  const [areFacetsOpen, setFacets] = useState(() => localStorage.getItem(FACETS) !== "closed");
  return {
    density,
    setDensity: (next: Density) => {
      setDensity(next);
      void prefer({ density: next });
    },
    areFacetsOpen,
    setFacets: (isOpen: boolean) => {
      localStorage.setItem(FACETS, isOpen ? "open" : "closed");
      setFacets(isOpen);
    },
    hasPane: useMedia("(min-width: 80rem)"),
    hasAside: useMedia("(min-width: 64rem)"),
  };
}

const LINE_REM: Record<Density, number> = { comfortable: 2.75, compact: 2.25 };
const TWO_LINES_REM: Record<Density, number> = { comfortable: 3.5, compact: 3 };
/** From here on a row is one line. The row's own styles say the same (`@4xl`). */
const ONE_LINE_REM = 56;

interface ListPlace {
  /** Of the rows, from the top of the page. */
  top: number;
  /** Of a row; null where each has its own, as cards have. */
  height: number | null;
}

/**
 * Where the rows begin, and how high one is. What stands above them changes its height without telling (filters that
 * wrap, banners), so the page is observed: its size changes with them.
 */
export function usePlace(body: RefObject<HTMLElement | null>, density: Density): ListPlace {
  const [place, setPlace] = useState({ top: 0, width: 0 });
  const isCard = !useMedia("(min-width: 48rem)");
  useLayoutEffect(() => {
    const page = body.current?.closest("main");
    if (!page) return;
    const look = () => {
      const box = body.current?.getBoundingClientRect();
      if (!box) return;
      const [top, width] = [Math.round(box.top + window.scrollY), Math.round(box.width)];
      setPlace((last) => (last.top === top && last.width === width ? last : { top, width }));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(page);
    observer.observe(body.current!);
    return () => observer.disconnect();
  }, [body]);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const lines = place.width >= ONE_LINE_REM * rem ? LINE_REM : TWO_LINES_REM;
  return { top: place.top, height: isCard ? null : lines[density] * rem };
}

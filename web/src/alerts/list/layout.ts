/** How a person likes the list to be laid out (a preference, not a part of the link), and how wide the window is. */
import { startTransition, useLayoutEffect, useState, type RefObject } from "react";

import { chosenDensity, type Density } from "@/session/keep";
import { prefer } from "@/session/preferences";
import { useMedia } from "@/ui/media";

export type { Density };

const FACETS = "nightowl.alerts.facets";

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
 * Where the rows begin, and how high one is. Null until it was looked at, when no row is drawn yet: to look lays out
 * all that is there. What stands above the rows changes its height without telling (filters that wrap, banners), so the
 * page is observed: its size changes with them.
 */
export function usePlace(body: RefObject<HTMLElement | null>, density: Density): ListPlace | null {
  const [place, setPlace] = useState<{ top: number; width: number } | null>(null);
  const isCard = !useMedia("(min-width: 48rem)");
  useLayoutEffect(() => {
    const page = body.current?.closest("main");
    if (!page) return;
    const look = () => {
      const box = body.current?.getBoundingClientRect();
      if (!box) return;
      const [top, width] = [Math.round(box.top + window.scrollY), Math.round(box.width)];
      setPlace((last) => (last?.top === top && last.width === width ? last : { top, width }));
    };
    // What stands above is seen at once, the rows behind it are drawn in small steps.
    startTransition(look);
    const observer = new ResizeObserver(look);
    observer.observe(page);
    observer.observe(body.current!);
    return () => observer.disconnect();
  }, [body]);
  if (!place) return null;
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const lines = place.width >= ONE_LINE_REM * rem ? LINE_REM : TWO_LINES_REM;
  return { top: place.top, height: isCard ? null : lines[density] * rem };
}

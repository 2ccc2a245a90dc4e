/** How a person likes the list to be laid out (kept in the browser, not in the link), and how wide the window is. */
import { useState, useSyncExternalStore } from "react";

export type Density = "comfortable" | "compact";

const DENSITY = "nightowl.alerts.density";
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
  const [density, setDensity] = useState<Density>(() => (localStorage.getItem(DENSITY) === "compact" ? "compact" : "comfortable"));
  const [areFacetsOpen, setFacets] = useState(() => localStorage.getItem(FACETS) !== "closed");
  return {
    density,
    setDensity: (next: Density) => {
      localStorage.setItem(DENSITY, next);
      setDensity(next);
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

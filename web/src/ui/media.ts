/** How wide the window is, for what is not to be drawn at all where there is no room for it. */
import { useSyncExternalStore } from "react";

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

/** Notices that the page was away: the machine slept, the network changed, or nobody looked for a while. */

const TICK_MS = 5_000;
/** A timer that comes this late has slept; so has whoever looks again after this long. */
export const GAP_MS = 30_000;

/** Calls `onWake` each time; returns how to stop. */
export function watchWake(onWake: () => void): () => void {
  let tickedAt = Date.now();
  let hiddenAt: number | null = document.hidden ? Date.now() : null;
  const timer = setInterval(() => {
    const now = Date.now();
    // Browsers slow the timers of hidden pages down: a late one means nothing there.
    if (!document.hidden && hiddenAt === null && now - tickedAt > GAP_MS) onWake();
    tickedAt = now;
  }, TICK_MS);
  const onVisibility = () => {
    if (document.hidden) hiddenAt = Date.now();
    else {
      if (hiddenAt !== null && Date.now() - hiddenAt > GAP_MS) onWake();
      [hiddenAt, tickedAt] = [null, Date.now()];
    }
  };
  const onPageShow = (event: PageTransitionEvent) => event.persisted && onWake();
  document.addEventListener("visibilitychange", onVisibility);
  window.addEventListener("online", onWake);
  window.addEventListener("pageshow", onPageShow);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", onVisibility);
    window.removeEventListener("online", onWake);
    window.removeEventListener("pageshow", onPageShow);
  };
}

/** Calls a person who was paged: a count before the page's title, words for those who hear it, and a sound if they want. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState } from "react";

import { nowQuery } from "@/now/queries";

import { isSoundOn, ring } from "./sound";
import { withCount } from "./title";
import { isLeader } from "./use-live";

const ViewListener = lazy(() => import("@/alerts/filter/view-listener"));

export function Attention() {
  const paged = useQuery({ ...nowQuery, select: (now) => now.paged_to_me.filter((alert) => alert.status === "firing").map(({ id, title }) => ({ id, title })) }).data;
  const known = useRef<ReadonlySet<string> | null>(null);
  const [said, setSaid] = useState("");
  useCount(paged?.length ?? 0);
  useEffect(() => {
    if (!paged) return;
    const fresh = paged.filter(({ id }) => known.current && !known.current.has(id));
    known.current = new Set(paged.map(({ id }) => id));
    if (fresh.length === 0) return;
    setSaid(fresh.length === 1 ? `Paged to you: ${fresh[0]!.title}` : `${fresh.length} alerts were paged to you`);
    if (isSoundOn() && isLeader()) void ring();
  }, [paged]);
  return (
    <>
      <span role="alert" className="sr-only">
        {said}
      </span>
      {isSoundOn() && (
        <Suspense fallback={null}>
          <ViewListener />
        </Suspense>
      )}
    </>
  );
}

/** Pages set the title as they come; the count is put before each. */
function useCount(count: number): void {
  useEffect(() => {
    const put = () => {
      const wanted = withCount(document.title, count);
      if (document.title !== wanted) document.title = wanted;
    };
    put();
    const observer = new MutationObserver(put);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => observer.disconnect();
  }, [count]);
}

/** The things that this person has looked at last in this browser. */
import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

import { useMe, type Me } from "@/session/me";
import { withCount } from "@/live/title";

export interface Recent {
  path: string;
  label: string;
}

const MOST = 8;

/** Newest first, each path once. Pure. */
export function withVisit(recent: readonly Recent[], visit: Recent): Recent[] {
  return [visit, ...recent.filter(({ path }) => path !== visit.path)].slice(0, MOST);
}

/** Whether a path is of one thing, as an alert or a roster, and not a list or a form. Pure. */
export function isOfOne(path: string): boolean {
  return /^\/[a-z-]+\/[0-9a-f-]{36}$/u.test(path);
}

function keyOf({ tenant, user_id, name }: Me): string {
  return `nightowl.recent.${tenant}.${user_id ?? name}`;
}

export function recentOf(me: Me): Recent[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(me)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each): each is Recent => typeof each?.path === "string" && typeof each.label === "string") : [];
  } catch {
    // What somebody else wrote there is no list of ours.
    return [];
  }
}

/** Notes a page when it is left: only then does it have its title. */
export function useRecentVisits(): void {
  const me = useMe();
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onBeforeNavigate", ({ fromLocation, pathChanged }) => {
        if (!pathChanged || !fromLocation || !isOfOne(fromLocation.pathname)) return;
        const label = withCount(document.title, 0).replace(/ · NightOwl$/u, "");
        localStorage.setItem(keyOf(me), JSON.stringify(withVisit(recentOf(me), { path: fromLocation.pathname, label })));
      }),
    [router, me],
  );
}

/** Keeps the cache equal to the server while the shell is there, and tells whether it is. */
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useSyncExternalStore } from "react";

import { useMe } from "@/session/me";
import { meQuery } from "@/session/me-query";

import { Live } from "./live";
import type { LiveState } from "./state";

let live: Live | null = null;
let state: LiveState = { is: "opening" };
const listeners = new Set<() => void>();

function set(next: LiveState): void {
  state = next;
  for (const listener of listeners) listener();
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** Whether what must happen once for all tabs of a person, as a sound, happens in this one. */
export function isLeader(): boolean {
  return live?.isLeader ?? false;
}

export function useLive(): void {
  const { tenant, user_id, name } = useMe();
  const queries = useQueryClient();
  const router = useRouter();
  const person = `${tenant}.${user_id ?? name}`;
  useEffect(() => {
    const mine = new Live(queries, `nightowl.live.${person}`, (next) => {
      const isNews = state.is !== next.is;
      set(next);
      // The pages of the shell need a session: they are left before it is forgotten.
      if (isNews && next.is === "refused") void router.navigate({ to: "/login", search: { next: router.state.location.href } }).then(() => queries.removeQueries(meQuery));
    });
    live = mine;
    return () => {
      mine.close();
      if (live === mine) live = null;
      set({ is: "opening" });
    };
  }, [queries, router, person]);
}

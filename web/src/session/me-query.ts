/** Asks who is signed in. Without React, because it is asked before there is any. */
import { queryOptions } from "@tanstack/react-query";

import { client, Problem, read, setCsrfToken, type Schema } from "@/api/client";

import { keep } from "./keep";

export type Me = Schema["Me"];

const GONE = "nightowl.signed_out";

/** Whether nobody was signed in when this browser last heard: what to expect, and never what is allowed. */
export function isLikelyGone(): boolean {
  return localStorage.getItem(GONE) !== null;
}

export function noteGone(isGone: boolean): void {
  if (isGone) localStorage.setItem(GONE, "yes");
  else localStorage.removeItem(GONE);
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async () => {
    const me = await read(client.GET("/api/v1/auth/me")).catch((error: unknown) => {
      if (error instanceof Problem && error.status === 401) noteGone(true);
      throw error;
    });
    noteGone(false);
    setCsrfToken(me.csrf_token ?? null);
    if (me.preferences) keep(me.preferences);
    return me;
  },
  staleTime: 60_000,
});

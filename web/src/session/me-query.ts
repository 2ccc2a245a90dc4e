/** Asks who is signed in. Without React, because it is asked before there is any. */
import { queryOptions } from "@tanstack/react-query";

import { client, read, setCsrfToken, type Schema } from "@/api/client";

import { keep } from "./keep";

export type Me = Schema["Me"];

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async () => {
    const me = await read(client.GET("/api/v1/auth/me"));
    setCsrfToken(me.csrf_token ?? null);
    if (me.preferences) keep(me.preferences);
    return me;
  },
  staleTime: 60_000,
});

/** Who is signed in, and what they may. */
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";

import { client, read, setCsrfToken, type Schema } from "@/api/client";
import { queries } from "@/api/queries";

export type Me = Schema["Me"];
export type Role = Me["role"];

const RANK: Record<Role, number> = { readonly: 0, engineer: 1, manager: 2, admin: 3 };

/** Roles contain the lower ones. The server decides; this only keeps pages from offering what it would refuse. */
export function may(me: Pick<Me, "role">, needed: Role): boolean {
  return RANK[me.role] >= RANK[needed];
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async () => {
    const me = await read(client.GET("/api/v1/auth/me"));
    setCsrfToken(me.csrf_token ?? null);
    return me;
  },
  staleTime: 60_000,
});

/** Below the shell, where the router has loaded it. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** After signing in: nothing of another person's stays in the cache. */
export function begin(me: Me): void {
  setCsrfToken(me.csrf_token ?? null);
  queries.clear();
  queries.setQueryData(meQuery.queryKey, me);
}

export async function signOut(): Promise<void> {
  await read(client.POST("/api/v1/auth/logout"));
  setCsrfToken(null);
  queries.clear();
}

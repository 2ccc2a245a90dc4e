/** Who is signed in, and what they may. */
import { useSuspenseQuery } from "@tanstack/react-query";

import { client, read, setCsrfToken } from "@/api/client";
import { queries } from "@/api/queries";

import { meQuery, noteGone, type Me } from "./me-query";

export type { Me };
export type Role = Me["role"];

const RANK: Record<Role, number> = { readonly: 0, engineer: 1, manager: 2, admin: 3 };

/** Roles contain the lower ones. The server decides; this only keeps pages from offering what it would refuse. */
export function may(me: Pick<Me, "role">, needed: Role): boolean {
  return RANK[me.role] >= RANK[needed];
}

/** Below the shell, where the router has loaded it. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** After signing in: nothing of another person's stays in the cache. */
export function begin(me: Me): void {
  noteGone(false);
  setCsrfToken(me.csrf_token ?? null);
  queries.clear();
  // The answer to signing in knows no preferences; what it does know is enough until the shell asks.
  queries.setQueryData(meQuery.queryKey, me, { updatedAt: 0 });
}

export async function signOut(): Promise<void> {
  await read(client.POST("/api/v1/auth/logout"));
  setCsrfToken(null);
  noteGone(true);
  queries.clear();
}

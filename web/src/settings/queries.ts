/** What is asked and done about somebody's addresses. */
import { queryOptions } from "@tanstack/react-query";

import { contactsQuery } from "@/admin/reach";
import { client, read } from "@/api/client";
import { queries } from "@/api/queries";

import type { ProfileAddress } from "./profile";

const SETTLED = new Set(["sent", "failed", "unclear"]);
const ASK_AGAIN_MS = 1_500;

/** The newest pages that tried or proved an address; asked again while one is on its way. */
export function testsQuery(userId: string, methodId: string) {
  return queryOptions({
    queryKey: ["user", userId, "contacts", methodId, "tests"],
    queryFn: () => read(client.GET("/api/v1/users/{user_id}/contact-methods/{method_id}/test", { params: { path: { user_id: userId, method_id: methodId } } })),
    refetchInterval: (query) => {
      const newest = query.state.data?.items[0];
      return newest && !SETTLED.has(newest.status) ? ASK_AGAIN_MS : false;
    },
  });
}

export function personQuery(userId: string) {
  return queryOptions({
    queryKey: ["user", userId, "detail"],
    queryFn: () => read(client.GET("/api/v1/users/{user_id}", { params: { path: { user_id: userId } } })),
  });
}

/** A new address, not verified unless a manager says so. */
export function addAddress(userId: string, { kind, address }: ProfileAddress, isVerified = false) {
  return read(
    client.POST("/api/v1/users/{user_id}/contact-methods", {
      params: { path: { user_id: userId } },
      body: { kind, address, position: 0, is_verified: isVerified ? true : null },
    }),
  );
}

export function sendCode(userId: string, methodId: string) {
  return read(client.POST("/api/v1/users/{user_id}/contact-methods/{method_id}/code", { params: { path: { user_id: userId, method_id: methodId } } }));
}

/** Exactly these: the pages to an address that is gone are not there to be asked for. */
export function refreshAddresses(userId: string) {
  return Promise.all([contactsQuery(userId).queryKey, ["user", userId, "rules"], ["setup"]].map((queryKey) => queries.invalidateQueries({ queryKey, exact: true })));
}

/** The addresses that stand in a person's profile. Pure. */
import type { Schema } from "@/api/client";

import type { Method, WrittenKind } from "./kinds";

export interface ProfileAddress {
  kind: WrittenKind;
  address: string;
}

/** Those of a way without a verified address: only then is a page sent there. What stands in the list already is not told twice. */
export function profileAddresses(user: Pick<Schema["UserDetail"], "email" | "phone" | "slack_user_id">, methods: readonly Method[]): ProfileAddress[] {
  const all: ReadonlyArray<[WrittenKind, string | null]> = [
    ["phone", user.phone],
    ["sms", user.phone],
    ["slack_dm", user.slack_user_id],
    ["email", user.email],
  ];
  return all.flatMap(([kind, address]) => {
    const isMet = methods.some((each) => each.kind === kind && (each.is_verified || each.address === address));
    return address && !isMet ? [{ kind, address }] : [];
  });
}

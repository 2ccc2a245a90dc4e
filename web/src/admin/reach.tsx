/** Whether a page would reach somebody: their verified addresses, or the plain word that there is none. */
import { queryOptions, useQuery } from "@tanstack/react-query";

import { client, read } from "@/api/client";

const NAMES = { email: "mail", phone: "phone", slack_dm: "Slack", sms: "SMS", push: "browser" } as const;

export function contactsQuery(userId: string) {
  return queryOptions({
    queryKey: ["user", userId, "contacts"],
    queryFn: () => read(client.GET("/api/v1/users/{user_id}/contact-methods", { params: { path: { user_id: userId } } })),
  });
}

export function Reach({ userId }: { userId: string }) {
  const contacts = useQuery(contactsQuery(userId));
  if (contacts.error) return <span className="text-danger">unknown: {contacts.error.message}</span>;
  if (!contacts.data) return <span className="text-muted">…</span>;
  const kinds = [...new Set(contacts.data.items.filter((each) => each.is_verified).map((each) => NAMES[each.kind]))];
  if (kinds.length) return <span>{kinds.join(", ")}</span>;
  return <span className="text-warning">⚠ no verified address</span>;
}

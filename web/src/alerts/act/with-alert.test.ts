import { expect, it } from "vitest";

import type { Alert } from "./commands";
import { withAlert } from "./with-alert";

const alert = (id: string) => ({ id, status: "firing", escalation_state: "none" }) as unknown as Alert;
const take = (held: Alert): Alert => ({ ...held, status: "acknowledged" });

it("changes an alert in a page of an endless list and leaves the other pages the same objects", () => {
  const list = { pages: [{ items: [alert("a"), alert("b")], total: 3 }, { items: [alert("c")], total: 3 }], pageParams: [null, "x"] };
  const next = withAlert(list, "b", take) as typeof list;
  expect(next.pages[0]!.items.map((each) => each.status)).toEqual(["firing", "acknowledged"]);
  expect(next.pages[1]).toBe(list.pages[1]);
  expect(next.pageParams).toBe(list.pageParams);
});

it("leaves what does not hold it untouched", () => {
  const timeline = { items: [{ id: "a", kind: "opened", evidence: {} }], total: 1 };
  expect(withAlert(timeline, "a", take)).toBe(timeline);
  expect(withAlert(alert("x"), "a", take)).toEqual(alert("x"));
  expect(withAlert(undefined, "a", take)).toBeUndefined();
});

it("changes the card of what is paged to somebody", () => {
  const now = { paged_to_me: [alert("a"), alert("b")], on_call: [] };
  const next = withAlert(now, "b", take) as typeof now;
  expect(next.paged_to_me.map((each) => each.status)).toEqual(["firing", "acknowledged"]);
  expect(next.on_call).toBe(now.on_call);
});

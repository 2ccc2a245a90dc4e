import fc from "fast-check";
import { expect, it } from "vitest";

import type { Schema } from "@/api/client";

import type { LiveEvent } from "./event";
import { changesOf, movedBetween, patchAll } from "./patch";

type Alert = Schema["Alert"];

const ID = "00000000-0000-7000-8000-000000000001";
const STATUSES = ["firing", "acknowledged", "resolved"] as const;
const alert = { id: ID, version: 3, status: "firing", severity: "major", title: "t", occurrence_count: 3, escalation_state: "pending" } as unknown as Alert;

function eventOf(version: number): LiveEvent {
  const status = STATUSES[version % STATUSES.length]!;
  return { id: `e${version}`, noun: "alert", verb: "commented", at: "", actor: { kind: "user", id: "u", name: "U" }, data: { alert: { alert_id: ID, version, status, severity: "major", title: "t", occurrence_count: version, last_fired_at: "" } } };
}

it("ends with the newest version, whatever order and batches the events come in, doubled or not", () => {
  const batches = fc.array(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 5 }), { maxLength: 6 });
  fc.assert(
    fc.property(batches, (given) => {
      const patched = given.reduce((held, versions) => patchAll(held, changesOf(versions.map(eventOf))), { pages: [{ items: [alert] }] }).pages[0]!.items[0]!;
      const newest = Math.max(alert.version, ...given.flat());
      const status = newest > alert.version ? STATUSES[newest % STATUSES.length] : alert.status;
      expect(patched).toMatchObject({ version: newest, status, occurrence_count: newest > alert.version ? newest : alert.occurrence_count });
    }),
  );
});

it("adds nothing that an answer does not show, and leaves alone what nothing changed", () => {
  const [answer, other] = [{ paged_to_me: [alert], arrivals: [1, 2] }, { items: [{ ...alert, id: "another" }], total: 1 }];
  const changes = changesOf([eventOf(7)]);
  expect(patchAll(answer, changes).paged_to_me[0]).not.toHaveProperty("last_fired_at");
  expect(patchAll(answer, changes).arrivals).toBe(answer.arrivals);
  expect(patchAll(other, changes)).toBe(other);
  expect(movedBetween(answer, patchAll(answer, changes))).toEqual([ID]);
  expect(movedBetween(answer, patchAll(answer, changesOf([eventOf(6)])))).toEqual([]);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { stateOf, waitMs, type Facts, type Flow } from "./state";

const facts = (flow: Flow, more: Partial<Facts> = {}): Facts => ({ flow, isCaughtUp: true, currentAt: 5, hasPollFailed: false, ...more });

describe("the page", () => {
  it("is live only when it has caught up with a stream that flows", () => {
    expect(stateOf(facts({ is: "flowing", isWhole: true }))).toEqual({ is: "live" });
    expect(stateOf(facts({ is: "flowing", isWhole: false }, { isCaughtUp: false }))).toEqual({ is: "catching-up" });
  });
  it("asks by itself after three failures, and says since when it cannot", () => {
    const broken = (failures: number): Flow => ({ is: "broken", failures, retryAt: 9 });
    expect([1, 2, 3].map((failures) => stateOf(facts(broken(failures))).is)).toEqual(["reconnecting", "reconnecting", "polling"]);
    expect(stateOf(facts(broken(3), { hasPollFailed: true }))).toEqual({ is: "stale", since: 5 });
  });
  it("asks by itself while the stream stands still or says nothing", () => {
    expect([stateOf(facts({ is: "standing" })), stateOf(facts({ is: "silent" }, { hasPollFailed: true }))]).toEqual([{ is: "polling" }, { is: "stale", since: 5 }]);
  });
});

it("waits longer after each failure, never less than half and never more than 30 s", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
      const most = Math.min(30_000, 1_000 * 2 ** (failures - 1));
      expect(waitMs(failures, random)).toBeGreaterThanOrEqual(Math.round(most / 2));
      expect(waitMs(failures, random)).toBeLessThanOrEqual(most);
    }),
  );
});

import { describe, expect, it } from "vitest";

import { foreseen, isAsSeen, isDone, seenOfPaged, wayBack, type Alert } from "./commands";

const BY = { kind: "user", id: "u1", name: "Bob" } as const;
const firing = { id: "a1", title: "Disk full", status: "firing", escalation_state: "pending", snoozed_until: null, assignee: null, resolution: null, version: 3, acknowledged_by: null, acknowledged_at: null } as unknown as Alert;
const taken: Alert = { ...firing, status: "acknowledged", escalation_state: "stopped" };
const snoozed: Alert = { ...firing, escalation_state: "snoozed", snoozed_until: "2026-11-26T09:00:00Z" };

describe("the way back", () => {
  it("gives back what was taken, and sleeps again what was asleep", () => {
    expect(wayBack(firing, { verb: "acknowledge" })).toEqual([{ verb: "unacknowledge" }]);
    expect(wayBack(snoozed, { verb: "acknowledge" })).toEqual([{ verb: "unacknowledge" }, { verb: "snooze", until: snoozed.snoozed_until }]);
  });
  it("of a resolve leaves nobody paged for what somebody had", () => {
    expect(wayBack(firing, { verb: "resolve", resolution: null })).toEqual([{ verb: "reopen" }]);
    expect(wayBack(taken, { verb: "resolve", resolution: null })).toEqual([{ verb: "reopen" }, { verb: "acknowledge" }]);
  });
  it("of a snooze ends it, or goes back to the one before", () => {
    expect(wayBack(firing, { verb: "snooze", until: "x" }).map((step) => step.verb)).toEqual(["acknowledge", "unacknowledge"]);
    expect(wayBack(snoozed, { verb: "snooze", until: "x" })).toEqual([{ verb: "snooze", until: snoozed.snoozed_until }]);
  });
  it("is not offered where a page or a word is out", () => {
    expect([wayBack(firing, { verb: "escalate" }), wayBack(firing, { verb: "comment", text: "x" })]).toEqual([[], []]);
  });
});

describe("what is shown at once", () => {
  it("an acknowledgement stops the ladder and names who did it", () => {
    expect(foreseen(firing, { verb: "acknowledge" }, BY, "2026-11-26T02:00:00Z")).toMatchObject({ status: "acknowledged", acknowledged_by: BY, escalation_state: "stopped", next_escalation_at: null });
  });
});

describe("a revision that went on", () => {
  it("does not stand in the way while the alert stands where it stood", () => {
    expect(isAsSeen(firing, { ...firing, version: 9 }, { verb: "acknowledge" })).toBe(true);
    expect(isAsSeen(firing, { ...taken, version: 9 }, { verb: "acknowledge" })).toBe(false);
    expect(isAsSeen(firing, { ...snoozed, version: 9 }, { verb: "resolve", resolution: null })).toBe(false);
  });
  it("a comment goes on top of anything", () => expect(isAsSeen(firing, taken, { verb: "comment", text: "x" })).toBe(true));
});

describe("a call whose answer was lost", () => {
  const mine: Alert = { ...taken, version: 4, acknowledged_by: BY };
  it("is done where it stands as asked, by the same hand", () => {
    expect(isDone(mine, { verb: "acknowledge" }, BY)).toBe(true);
    expect(isDone(mine, { verb: "acknowledge" }, { ...BY, id: "u2" })).toBe(false);
    expect(isDone(firing, { verb: "acknowledge" }, BY)).toBe(false);
    expect(isDone(snoozed, { verb: "snooze", until: "2026-11-26T10:00:00+01:00" }, BY)).toBe(true);
  });
  it("of a word or a page is for the server to tell", () => expect(isDone(mine, { verb: "comment", text: "x" }, BY)).toBe(false));
});

describe("what was paged to somebody", () => {
  it("is enough to take it, and to sleep again what was asleep", () => {
    const paged = { ...firing, escalation_state: "snoozed", next_tier_at: "2026-11-26T09:00:00Z" } as unknown as Parameters<typeof seenOfPaged>[0];
    expect(wayBack(seenOfPaged(paged), { verb: "acknowledge" })).toEqual([{ verb: "unacknowledge" }, { verb: "snooze", until: "2026-11-26T09:00:00Z" }]);
  });
});

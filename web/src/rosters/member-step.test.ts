import { describe, expect, it } from "vitest";

import { spanOfStep, undoOf, type Member } from "./member-step";

const member = (name: string, position: number, more: Partial<Member> = {}): Member => ({ id: name, member_id: `stay-${name}`, display_name: name, timezone: "UTC", position, joined_on: null, left_on: null, ...more });
const before = [member("ada", 0), member("bob", 1, { joined_on: "2026-02-01" })];

describe("undoing", () => {
  it("takes out who was added, as if they had never been", () => {
    const step = { kind: "add", content: { user_id: "cid", position: null, joined_on: "2026-03-01", left_on: null } } as const;
    expect(undoOf(step, before, [...before, member("cid", 2)])).toEqual({ kind: "forget", member_id: "stay-cid" });
    expect(undoOf(step, before, before)).toBeNull();
  });
  it("gives a member their place and days back", () => {
    const step = { kind: "change", member_id: "stay-bob", content: { position: 0, joined_on: null, left_on: "2026-06-01" } } as const;
    expect(undoOf(step, before, [member("bob", 0), member("ada", 1)])).toEqual({ kind: "change", member_id: "stay-bob", content: { position: 1, joined_on: "2026-02-01", left_on: null } });
  });
  it("of a removal depends on whether they had begun", () => {
    const step = { kind: "remove", member_id: "stay-bob" } as const;
    expect(undoOf(step, before, [before[0]!, member("bob", 1, { left_on: "2026-03-05" })])).toMatchObject({ kind: "change", content: { left_on: null } });
    expect(undoOf(step, before, [before[0]!])).toEqual({ kind: "add", content: { user_id: "bob", position: 1, joined_on: "2026-02-01", left_on: null } });
  });
});

it("the preview shows a turn of everybody, four weeks at least and twelve at most", () => {
  const days = (rotation_days: number, rotation_hours: number | null, count: number) => {
    const { starts_at, ends_at } = spanOfStep({ rotation_days, rotation_hours, members: Array.from({ length: count }) }, 0);
    return (Date.parse(ends_at) - Date.parse(starts_at)) / 86_400_000;
  };
  expect([days(7, null, 2), days(7, null, 5), days(1, 12, 6), days(14, null, 9)]).toEqual([28, 42, 28, 84]);
});

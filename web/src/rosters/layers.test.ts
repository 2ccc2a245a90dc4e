import { describe, expect, it } from "vitest";

import { layersOf, neighbour, sayLayers } from "./layers";
import type { RosterDetail } from "./queries";

const alice = { id: "a", display_name: "Alice" };
const roster = { id: "r", name: "Platform", timezone: "UTC", members: [{ id: "a" }], overrides: [{ id: "o", user: alice, starts_at: "2026-11-27T00:00:00Z", ends_at: "2026-11-28T00:00:00Z", reason: "Trip", created_at: "" }], pins: [] } as unknown as RosterDetail;
const shift = (from: string, until: string, override: string | null = null) => ({ user: alice, starts_at: from, ends_at: until, source: override ? ("override" as const) : ("rotation" as const), answered_by: "r", turn: 0, override_id: override, stands_in_for: [] });
const layers = layersOf({
  axis: { start: Date.parse("2026-11-26T00:00:00Z"), end: Date.parse("2026-12-10T00:00:00Z") },
  roster,
  final: { shifts: [shift("2026-11-20T00:00:00Z", "2026-11-26T12:00:00Z", "gone"), shift("2026-11-26T12:00:00Z", "2026-11-30T00:00:00Z")], holes: [{ kind: "gap", reason: "off_hours", starts_at: "2026-11-30T00:00:00Z", ends_at: "2026-12-01T00:00:00Z" }] },
  plan: { shifts: [shift("2026-11-20T00:00:00Z", "2026-12-20T00:00:00Z")], holes: [] },
  leave: [{ id: "l", user: alice, starts_at: "2026-12-02T00:00:00Z", ends_at: "2026-12-03T00:00:00Z", note: "", calendar_uid: null, created_at: "" }, { id: "x", user: { id: "z", display_name: "Zoe" }, starts_at: "2026-12-02T00:00:00Z", ends_at: "2026-12-03T00:00:00Z", note: "", calendar_uid: null, created_at: "" }],
});

describe("layers", () => {
  it("are said in numbers, and leave of others is none of them", () => expect(sayLayers(layers)).toBe("2 shifts, 1 gap, 2 overrides, 1 absence"));
  it("cut what is drawn and keep the whole span", () => {
    const [first] = layers[0]!.cells;
    expect([new Date(first!.start).toISOString(), new Date(first!.full.start).toISOString()]).toEqual(["2026-11-26T00:00:00.000Z", "2026-11-20T00:00:00.000Z"]);
  });
  it("give an override its two edges, and one that is over none", () => expect(layers[1]!.cells.map((cell) => cell.edge ?? (cell.override ? "body" : "over"))).toEqual(["over", "start", "body", "end"]));
  it("are walked by arrows, past a layer to the nearest", () => {
    const go = (key: string, arrow: Parameters<typeof neighbour>[2]) => neighbour(layers, key, arrow)?.key ?? null;
    expect([go("o-start", "right"), go("o", "right"), go("o", "up"), go("leave-l", "up"), go("leave-l", "down"), go("o", "last")]).toEqual(["o", "o-end", "final-2026-11-26T12:00:00Z", "plan-2026-11-20T00:00:00Z", null, "o-end"]);
  });
});

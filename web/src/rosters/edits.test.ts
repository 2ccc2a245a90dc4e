import { describe, expect, it } from "vitest";

import { applyEdits, inverseOf, moveOverride, spanOfEdits, swapShifts, type Edit } from "./edits";
import type { Override, Shift } from "./queries";

const [alice, bob] = [{ id: "a", display_name: "Alice" }, { id: "b", display_name: "Bob" }];
const override: Override = { id: "o1", user: alice, starts_at: "2026-11-26T08:00:00Z", ends_at: "2026-11-26T16:00:00Z", reason: "Trip", created_at: "2026-11-01T00:00:00Z" };
const shift = (user: typeof alice, from: string, until: string, more: Partial<Shift> = {}): Shift => ({ user, starts_at: from, ends_at: until, source: "rotation", answered_by: "r", turn: 1, override_id: null, stands_in_for: [], ...more });

describe("edits", () => {
  it("stand beside what they do not touch", () => {
    const added = { user_id: "b", starts_at: "2026-12-01T00:00:00Z", ends_at: "2026-12-02T00:00:00Z", reason: "" };
    expect(applyEdits([override], [{ kind: "add", content: added }]).map((each) => each.user_id)).toEqual(["a", "b"]);
    expect(applyEdits([override], [{ kind: "remove", id: "o1" }])).toEqual([]);
  });
  it("move both ends and keep the rest", () =>
    expect(applyEdits([override], [moveOverride(override, Date.parse("2026-11-26T09:00:00Z"), Date.parse("2026-11-26T17:00:00Z"))])).toEqual([
      { user_id: "a", starts_at: "2026-11-26T09:00:00.000Z", ends_at: "2026-11-26T17:00:00.000Z", reason: "Trip" },
    ]));
  it("are taken back by their inverse", () => {
    const edits: Edit[] = [moveOverride(override, 0, 1), { kind: "remove", id: "o1" }, { kind: "add", content: applyEdits([override], [])[0]! }];
    expect(edits.map((edit) => inverseOf(edit, [override], "o2")?.kind)).toEqual(["change", "add", "remove"]);
    const back = inverseOf(edits[0]!, [override], null)!;
    expect(applyEdits([override], [back])).toEqual(applyEdits([override], []));
  });
  it("are shown with what they leave and what they take", () =>
    expect(spanOfEdits([override], [moveOverride(override, Date.parse("2026-11-28T00:00:00Z"), Date.parse("2026-11-29T00:00:00Z"))], 3_600_000, 0)).toEqual({ starts_at: "2026-11-26T07:00:00.000Z", ends_at: "2026-11-29T01:00:00.000Z" }));
  it("are shown without days that are over, unless they change those", () => {
    const shown = (now: string) => spanOfEdits([override], [{ kind: "remove", id: "o1" }], 7 * 24 * 3_600_000, Date.parse(now)).starts_at;
    expect([shown("2026-11-25T00:00:00Z"), shown("2026-11-26T12:00:00Z")]).toEqual(["2026-11-25T00:00:00.000Z", "2026-11-26T08:00:00.000Z"]);
  });
});

describe("a swap", () => {
  const mine = shift(alice, "2026-11-23T08:00:00Z", "2026-11-30T08:00:00Z");
  const theirs = shift(bob, "2026-11-30T08:00:00Z", "2026-12-07T08:00:00Z");
  it("gives each the other's shift, and leaves what is over", () => {
    const [first, second] = swapShifts(mine, theirs, [], Date.parse("2026-11-26T00:00:00Z")) as Array<Extract<Edit, { kind: "add" }>>;
    expect(first!.content).toMatchObject({ user_id: "b", starts_at: "2026-11-26T00:00:00.000Z", ends_at: "2026-11-30T08:00:00.000Z" });
    expect(second!.content).toMatchObject({ user_id: "a", starts_at: "2026-11-30T08:00:00.000Z" });
  });
  it("changes an override instead of laying another over it", () => {
    const over = shift(alice, override.starts_at, override.ends_at, { source: "override", override_id: "o1" });
    expect(swapShifts(over, theirs, [override], 0)[0]).toMatchObject({ kind: "change", id: "o1", content: { user_id: "b" } });
  });
});

import { describe, expect, it } from "vitest";

import { dragTo, drawSpan, freeHour, hasMoved, nudge, type Grab } from "./grab";
import type { Override, Shift } from "./queries";
import { HOUR } from "./zones";

const ms = (text: string) => Date.parse(text);
const iso = (at: number) => new Date(at).toISOString();
const [alice, bob] = [{ id: "a", display_name: "Alice" }, { id: "b", display_name: "Bob" }];
const override: Override = { id: "o", user: alice, starts_at: "2026-10-24T07:00:00Z", ends_at: "2026-10-24T15:00:00Z", reason: "", created_at: "" };
const span = { start: ms(override.starts_at), end: ms(override.ends_at) };
const grab = (kind: "move" | "start" | "end") => ({ kind, override, from: span, span });
const spanOf = (held: Grab) => (held.kind === "swap" ? null : [iso(held.span.start), iso(held.span.end)]);

describe("keys", () => {
  it("step by an hour", () => expect(spanOf(nudge(grab("move"), 1, false, "Europe/Berlin", []))).toEqual(["2026-10-24T08:00:00.000Z", "2026-10-24T16:00:00.000Z"]));
  it("step by a day of the zone: 25 h over Berlin's autumn", () => expect(spanOf(nudge(grab("move"), 1, true, "Europe/Berlin", []))).toEqual(["2026-10-25T08:00:00.000Z", "2026-10-25T16:00:00.000Z"]));
  it("never turn a span around", () => {
    let held: Grab = grab("end");
    for (let step = 0; step < 20; step++) held = nudge(held, -1, false, "UTC", []);
    expect(spanOf(held)).toEqual(["2026-10-24T07:00:00.000Z", "2026-10-24T08:00:00.000Z"]);
  });
  it("walk over other people's shifts for a swap", () => {
    const shift = (user: typeof alice, day: number): Shift => ({ user, starts_at: `2026-11-0${day}T00:00:00Z`, ends_at: `2026-11-0${day + 1}T00:00:00Z`, source: "rotation", answered_by: "r", turn: day, override_id: null, stands_in_for: [] });
    const shifts = [shift(bob, 1), shift(alice, 2), shift(bob, 3), shift(alice, 4), shift(bob, 5)];
    let held: Grab = { kind: "swap", shift: shifts[1]!, target: null };
    expect(hasMoved(held)).toBe(false);
    const seen = ([1, 1, 1, -1] as const).map((direction) => {
      held = nudge(held, direction, false, "UTC", shifts);
      return held.kind === "swap" && held.target?.starts_at.slice(8, 10);
    });
    expect(seen).toEqual(["03", "05", "05", "03"]);
  });
});

describe("the pointer", () => {
  it("snaps a moved override to the zone's hours and keeps its length", () => expect(spanOf(dragTo(grab("move"), 100 * 60_000, "Asia/Kathmandu"))).toEqual(["2026-10-24T08:15:00.000Z", "2026-10-24T16:15:00.000Z"]));
  it("moves one edge alone", () => expect(spanOf(dragTo(grab("start"), -2 * HOUR, "UTC"))).toEqual(["2026-10-24T05:00:00.000Z", "2026-10-24T15:00:00.000Z"]));
  it("counts from where it was taken, not from where it was last", () => {
    const far = dragTo(grab("end"), 5 * HOUR, "UTC");
    expect(spanOf(dragTo(far as Extract<Grab, { from: unknown }>, 0, "UTC"))).toEqual(spanOf(grab("end")));
  });
  it("draws in both directions", () => {
    const [a, b] = [ms("2026-10-24T07:10:00Z"), ms("2026-10-24T09:40:00Z")];
    expect(drawSpan(a, b, "UTC")).toEqual(drawSpan(b, a, "UTC"));
    expect(iso(drawSpan(a, a, "UTC").end)).toBe("2026-10-24T08:00:00.000Z");
  });
});

it("a free hour lies beside what is taken", () => expect(iso(freeHour(ms("2026-10-24T06:20:00Z"), [span], "UTC").start)).toBe("2026-10-24T15:00:00.000Z"));

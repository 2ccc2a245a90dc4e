import { describe, expect, it } from "vitest";

import { closings, groupGaps, groupWords, piecesOf, rhythmOf, sayPieces, withoutLinked } from "./coverage";
import type { Coverage } from "./queries";
import { fromWall, HOUR, iso } from "./zones";

const ms = (text: string) => Date.parse(text);
const [alice, bob] = [{ id: "a", display_name: "Alice" }, { id: "b", display_name: "Bob" }];
const range = { start: ms("2026-11-26T00:00:00Z"), end: ms("2026-12-10T00:00:00Z") };

function roster(id: string, zone: string, more: Partial<Coverage>): Coverage {
  return { roster_id: id, name: id, timezone: zone, covered_hours: 0, gap_hours: 0, unassigned_hours: 0, shifts: [], uncovered: [], problem: null, ...more };
}
function shift(user: typeof alice, from: string, until: string, by: string): Coverage["shifts"][number] {
  return { user, starts_at: from, ends_at: until, source: "rotation", answered_by: by, turn: 0, override_id: null, stands_in_for: [] };
}
/** A gap each night, 20:00 to 22:00 by the zone's own clock. */
function nightly(zone: string, days: number, from = "2026-11-26"): Coverage["uncovered"] {
  return Array.from({ length: days }, (_, day) => {
    const date = iso(ms(`${from}T00:00:00Z`) + day * 24 * HOUR).slice(0, 10);
    return { kind: "gap", reason: "off_hours", starts_at: iso(fromWall(`${date}T20:00`, zone)!), ends_at: iso(fromWall(`${date}T22:00`, zone)!) };
  });
}

describe("pieces", () => {
  const one = roster("one", "UTC", { shifts: [shift(alice, "2026-11-26T00:00:00Z", "2026-11-26T12:00:00Z", "one")], uncovered: [{ kind: "gap", reason: "off_hours", starts_at: "2026-11-26T12:00:00Z", ends_at: "2026-11-26T13:00:00Z" }] });
  it("tell where one person has two rosters", () => {
    const two = roster("two", "UTC", { shifts: [shift(alice, "2026-11-26T06:00:00Z", "2026-11-26T08:00:00Z", "two")] });
    const pieces = piecesOf([one, two]).get("one")!;
    expect(pieces.map((piece) => [iso(piece.start).slice(11, 16), piece.kind, piece.isDouble])).toEqual([["00:00", "covered", false], ["06:00", "covered", true], ["08:00", "covered", false], ["12:00", "gap", false]]);
  });
  it("do not count a shift that a linked roster shows again", () => {
    const linked = roster("two", "UTC", { shifts: [shift(alice, "2026-11-26T06:00:00Z", "2026-11-26T08:00:00Z", "one")] });
    expect(piecesOf([one, linked]).get("one")!.some((piece) => piece.isDouble)).toBe(false);
  });
  it("are spoken in order", () => {
    const pieces = piecesOf([one]).get("one")!;
    expect(sayPieces("One", pieces, { start: ms("2026-11-26T11:30:00Z"), end: ms("2026-11-26T12:30:00Z") })).toBe("One: Alice; then gap, outside active hours");
  });
});

describe("gaps that repeat", () => {
  it("are one group, counted in real hours", () => {
    const [group, ...rest] = groupGaps([roster("Sun", "UTC", { uncovered: nightly("UTC", 14) })], range, range.start);
    expect(rest).toEqual([]);
    expect(groupWords(group!, 14)).toBe("daily 20:00–22:00 UTC, 28 h in all, outside active hours");
  });
  it.each(["Pacific/Auckland", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])("stay one group over a clock change: %s", (zone) => {
    for (const from of ["2026-03-01", "2026-09-25", "2026-10-20"]) {
      const wide = { start: ms("2026-01-01T00:00:00Z"), end: ms("2027-01-01T00:00:00Z") };
      expect(groupGaps([roster("Sun", zone, { uncovered: nightly(zone, 40, from) })], wide, wide.start)).toHaveLength(1);
    }
  });
  it("take in the one that the range cuts", () => {
    const cut = nightly("UTC", 14);
    cut[0] = { ...cut[0]!, starts_at: "2026-11-26T21:00:00Z" };
    expect(groupGaps([roster("Sun", "UTC", { uncovered: cut })], { ...range, start: ms("2026-11-26T21:00:00Z") }, 0)).toHaveLength(1);
  });
  it("of a linked roster are those of the one that links it", () => {
    const all = [roster("Berlin", "UTC", { uncovered: nightly("UTC", 2) }), roster("Auckland", "UTC", { uncovered: nightly("UTC", 14) })];
    const told = groupGaps(withoutLinked(all, [{ linked_roster_id: "Auckland" }, { linked_roster_id: null }]), range, 0);
    expect(told.map((group) => group.roster.name)).toEqual(["Berlin"]);
  });
  it("that stand alone say when", () => {
    const [group] = groupGaps([roster("Sun", "UTC", { uncovered: nightly("UTC", 1) })], range, 0);
    expect(groupWords(group!, 14)).toBe("Thu 26 Nov, 20:00 to 22:00 UTC, 2 h in all, outside active hours");
  });
  it("leave out what is over", () => expect(groupGaps([roster("Sun", "UTC", { uncovered: nightly("UTC", 1) })], range, ms("2026-11-27T00:00:00Z"))).toEqual([]));
  it("have a rhythm", () => {
    const spans = (dates: number[]) => ({ spans: dates.map((day) => ({ start: Date.UTC(2026, 10, day), end: Date.UTC(2026, 10, day, 2) })) });
    expect([[23], [23, 24, 25, 26, 27], [28, 29], [23, 30], [23, 25]].map((dates) => rhythmOf(spans(dates), "UTC", 14))).toEqual(["once", "on weekdays", "on weekends", "every Monday", "2 times"]);
  });
});

describe("what would close them", () => {
  const sun = roster("Sun", "UTC", { uncovered: nightly("UTC", 14) });
  const [group] = groupGaps([sun], range, 0);
  it("is longer hours, or a roster that covers them", () => {
    const cover = roster("Cover", "UTC", { shifts: [shift(bob, iso(range.start), iso(range.end), "Cover")] });
    expect(closings(group!, { active_from: "08:00:00", active_until: "20:00:00", linked_roster_id: null }, [sun, cover])).toEqual([{ kind: "link", to: cover }, { kind: "hours", from: "08:00", until: "22:00" }]);
  });
  it("is people, where there are none", () => expect(closings({ ...group!, reason: "no_members" }, undefined, [sun])).toEqual([{ kind: "members" }]));
});

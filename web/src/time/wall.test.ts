import { describe, expect, it } from "vitest";

import { instantOfWall, wallOf } from "./wall";

const shown = (at: string, zone: string) => new Date(wallOf(Date.parse(at), zone)).toISOString().slice(0, 16);
const meant = (wall: string, zone: string) => new Date(instantOfWall(Date.parse(`${wall}Z`), zone)).toISOString().slice(0, 16);

describe("a wall clock", () => {
  it("shows the zone's own time", () => {
    expect([shown("2026-11-26T23:30:00Z", "Europe/Berlin"), shown("2026-07-01T00:00:00Z", "Asia/Kathmandu"), shown("2026-01-01T03:00:00Z", "America/New_York")]).toEqual(["2026-11-27T00:30", "2026-07-01T05:45", "2025-12-31T22:00"]);
  });
  it("means one instant", () => expect(meant("2026-11-27T00:30", "Europe/Berlin")).toBe("2026-11-26T23:30"));
  it("means the first where it shows a time twice", () => expect(meant("2026-10-25T02:30", "Europe/Berlin")).toBe("2026-10-25T00:30"));
  it("goes on from before where it skips a time", () => expect(meant("2026-03-29T02:30", "Europe/Berlin")).toBe("2026-03-29T01:30"));
  it("is right in the hours around a change", () => {
    expect(["2026-10-25T01:59", "2026-10-25T03:00", "2026-03-29T01:59", "2026-03-29T03:00"].map((wall) => meant(wall, "Europe/Berlin"))).toEqual(["2026-10-24T23:59", "2026-10-25T02:00", "2026-03-29T00:59", "2026-03-29T01:00"]);
  });
});

import { describe, expect, it } from "vitest";

import { addDays, cellAt, columnAt, daysFrom, fromWall, HOUR, oddnessOf, snapToHour, startOfDay, toWall } from "./zones";

const ms = (text: string) => Date.parse(text);
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

describe("days over clock changes", () => {
  // zone, an instant on the day of the change, its begin and end, its length in hours
  it.each([
    ["Pacific/Auckland", "2026-09-26T20:00:00Z", "2026-09-26T12:00:00.000Z", "2026-09-27T11:00:00.000Z", 23],
    ["Pacific/Auckland", "2026-04-05T00:00:00Z", "2026-04-04T11:00:00.000Z", "2026-04-05T12:00:00.000Z", 25],
    ["Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z", 23],
    ["Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z", 25],
    ["America/New_York", "2026-03-08T12:00:00Z", "2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z", 23],
    ["America/New_York", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z", 25],
    ["Asia/Kathmandu", "2026-10-25T12:00:00Z", "2026-10-24T18:15:00.000Z", "2026-10-25T18:15:00.000Z", 24],
    ["Australia/Lord_Howe", "2026-10-04T00:00:00Z", "2026-10-03T13:30:00.000Z", "2026-10-04T13:00:00.000Z", 23.5],
    ["Australia/Lord_Howe", "2026-04-05T00:00:00Z", "2026-04-04T13:00:00.000Z", "2026-04-05T13:30:00.000Z", 24.5],
  ])("%s %s", (zone, within, start, end, hours) => {
    const [day] = daysFrom(ms(within), 1, zone);
    expect([iso(day!.start), iso(day!.end), (day!.end - day!.start) / HOUR]).toEqual([start, end, hours]);
    expect(day!.cells[0]!.start).toBe(day!.start);
    expect(day!.cells.at(-1)!.end).toBe(day!.end);
    for (const [index, cell] of day!.cells.entries()) if (index) expect(cell.start).toBe(day!.cells[index - 1]!.end);
  });

  it("have no cell for an hour that is skipped, and two for one that is shown twice", () => {
    const hours = (zone: string, within: string) => daysFrom(ms(within), 1, zone)[0]!.cells.map((cell) => cell.hour);
    expect(hours("Europe/Berlin", "2026-03-29T12:00:00Z")).not.toContain(2);
    expect(hours("Europe/Berlin", "2026-10-25T12:00:00Z").filter((hour) => hour === 2)).toHaveLength(2);
    expect(hours("Asia/Kathmandu", "2026-10-25T12:00:00Z")).toHaveLength(24);
  });

  it("show Lord Howe's half hours as pieces", () => {
    const cells = daysFrom(ms("2026-10-04T00:00:00Z"), 1, "Australia/Lord_Howe")[0]!.cells.filter((cell) => cell.hour === 2);
    expect(cells.map((cell) => [iso(cell.start), iso(cell.end)])).toEqual([["2026-10-03T15:30:00.000Z", "2026-10-03T16:00:00.000Z"]]);
    const twice = daysFrom(ms("2026-04-05T00:00:00Z"), 1, "Australia/Lord_Howe")[0]!.cells.filter((cell) => cell.hour === 1);
    expect(twice.map((cell) => (cell.end - cell.start) / HOUR)).toEqual([1, 0.5]);
  });

  it("leave out the date that Apia skipped", () => {
    expect(daysFrom(ms("2011-12-29T12:00:00Z"), 4, "Pacific/Apia").map((day) => day.date)).toEqual(["2011-12-29", "2011-12-31", "2012-01-01"]);
  });

  it("follow one another without a hole", () => {
    for (const zone of ["Pacific/Auckland", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]) {
      const days = daysFrom(ms("2026-01-01T12:00:00Z"), 366, zone);
      for (const [index, day] of days.entries()) if (index) expect(day.start).toBe(days[index - 1]!.end);
    }
  });
});

describe("an instant's cell", () => {
  it("is by the zone's clock: 00:00 UTC is 13 h in Auckland's summer", () => {
    const days = daysFrom(ms("2026-11-23T00:00:00Z"), 2, "Pacific/Auckland");
    const place = cellAt(days, ms("2026-11-23T00:00:00Z"))!;
    expect([days[place.day]!.date, days[place.day]!.cells[place.cell]!.hour]).toEqual(["2026-11-23", 13]);
  });
  it("tells the second 02:30 of Berlin from the first", () => {
    const days = daysFrom(ms("2026-10-25T00:00:00Z"), 1, "Europe/Berlin");
    const columns = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"].map((text) => columnAt(days[0]!, ms(text)));
    expect(columns).toEqual([2.25, 2.75, 3.5]);
  });
  it("is none outside", () => expect(cellAt(daysFrom(0, 1, "UTC"), 25 * HOUR)).toBeNull());
});

describe("wall times", () => {
  it("09:00 in a Berlin roster is 09:00 in Berlin, wherever it was typed", () => expect(iso(fromWall("2026-11-26T09:00", "Europe/Berlin"))).toBe("2026-11-26T08:00:00.000Z"));
  it("come back as they were typed", () => {
    for (const zone of ["Pacific/Auckland", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]) expect(toWall(fromWall("2026-11-26T09:00", zone)!, zone)).toBe("2026-11-26T09:00");
  });
  it("that are skipped take the offset from before, shown twice the first", () => {
    expect(iso(fromWall("2026-03-29T02:30", "Europe/Berlin"))).toBe("2026-03-29T01:30:00.000Z");
    expect(iso(fromWall("2026-10-25T02:30", "Europe/Berlin"))).toBe("2026-10-25T00:30:00.000Z");
    expect([oddnessOf("2026-03-29T02:30", "Europe/Berlin"), oddnessOf("2026-10-25T02:30", "Europe/Berlin"), oddnessOf("2026-10-25T09:00", "Europe/Berlin")]).toEqual(["skipped", "twice", null]);
  });
  it("that are none are null", () => expect([fromWall("", "UTC"), fromWall("2026-02-31T00:00x", "UTC")]).toEqual([null, null]));
});

describe("steps", () => {
  it("of a day keep the wall time over a change", () => expect(iso(addDays(ms("2026-10-24T07:00:00Z"), 1, "Europe/Berlin"))).toBe("2026-10-25T08:00:00.000Z"));
  it("snap to the zone's hour, not UTC's", () => expect(iso(snapToHour(ms("2026-11-26T09:02:00Z"), "Asia/Kathmandu"))).toBe("2026-11-26T09:15:00.000Z"));
  it("begin the day where the zone does", () => expect(iso(startOfDay(ms("2026-11-26T00:00:00Z"), "America/New_York"))).toBe("2026-11-25T05:00:00.000Z"));
});

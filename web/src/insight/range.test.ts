import { expect, it } from "vitest";

import { beginOf, dayOf, daysBetween, lastDays, shifted, toInsightSearch } from "./range";

it("drops ranges that nobody can mean", () => {
  const given = [
    { from: "2026-11-01", to: "2026-11-28", as: "table" },
    { from: "2026-11-28", to: "2026-11-01" },
    { from: "2026-01-01", to: "2026-11-01" },
    { from: "2026-02-30", to: "2026-03-01" },
    { from: "yesterday", to: 5 },
  ];
  expect(given.map(toInsightSearch)).toEqual([{ from: "2026-11-01", to: "2026-11-28", as: "table" }, {}, {}, {}, {}]);
});

it("counts both ends, over months and leap days", () => {
  expect([daysBetween("2028-02-28", "2028-03-01"), shifted("2028-03-01", -1), shifted("2026-12-31", 1)]).toEqual([3, "2028-02-29", "2027-01-01"]);
});

it("begins a day where the clock begins it", () => {
  const noon = new Date(2026, 9, 25, 12).getTime();
  expect(lastDays(7, noon)).toEqual({ from: "2026-10-19", to: "2026-10-25" });
  expect(dayOf(Date.parse(beginOf("2026-10-25")))).toBe("2026-10-25");
  expect(dayOf(Date.parse(beginOf("2026-10-25")) - 1)).toBe("2026-10-24");
});

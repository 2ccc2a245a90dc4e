import { expect, it } from "vitest";

import { PRESETS, tomorrowAtNine } from "./presets";

it("tomorrow at nine is the next day's, over a month's end too", () => {
  const at = new Date(tomorrowAtNine(new Date(2026, 0, 31, 23, 59).getTime()));
  expect([at.getMonth(), at.getDate(), at.getHours(), at.getMinutes()]).toEqual([1, 1, 9, 0]);
  const early = new Date(tomorrowAtNine(new Date(2026, 0, 31, 3).getTime()));
  expect(early.getDate()).toBe(1);
});
it("all ends lie ahead", () => {
  const now = Date.now();
  for (const preset of PRESETS) expect(preset.endAt(now)).toBeGreaterThan(now);
});

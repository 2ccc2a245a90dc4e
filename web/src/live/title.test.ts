import { expect, it } from "vitest";

import { withCount } from "./title";

it("puts the count before the title once, and takes it away at none", () => {
  expect(withCount("Now · NightOwl", 2)).toBe("(2) Now · NightOwl");
  expect(withCount("(2) Now · NightOwl", 3)).toBe("(3) Now · NightOwl");
  expect(withCount("(3) Now · NightOwl", 0)).toBe("Now · NightOwl");
});

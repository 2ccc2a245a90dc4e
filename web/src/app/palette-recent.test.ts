import { expect, it, vi } from "vitest";

vi.mock("@/session/me", () => ({ useMe: () => null }));

import { isOfOne, withVisit, type Recent } from "./palette-recent";

it("keeps the newest visits, each once", () => {
  const visits = ["a", "b", "a", "c", "d", "e", "f", "g", "h", "i"].map((path) => ({ path, label: path }));
  const recent = visits.reduce((all, visit) => withVisit(all, visit), [] as Recent[]);
  expect(recent.map(({ path }) => path).join("")).toBe("ihgfedca");
});

it("notes things, not lists and forms", () => {
  const paths = ["/alerts/01a215a0-a98e-7ade-b496-83d68f27dc71", "/alerts", "/rosters/new", "/"];
  expect(paths.map(isOfOne)).toEqual([true, false, false, false]);
});

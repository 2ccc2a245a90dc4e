import { expect, it } from "vitest";

import { partsFor } from "./palette-parts";

const found = (typed: string, isManager = true) => partsFor(typed, (needs) => needs === "readonly" || isManager, 5).map(({ label, path }) => `${label} ${path}`);

it("leads to a single setting", () => {
  expect(found("theme")).toEqual(["Theme /settings?tab=screen"]);
  expect(found("quiet sett")).toEqual(["Quiet hours /settings?tab=pages"]);
});

it("leads nobody where their role is not led", () => expect([found("audit"), found("audit", false)]).toEqual([["Audit log /admin/audit"], []]));

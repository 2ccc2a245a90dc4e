import { describe, expect, it } from "vitest";

import { tidy } from "./event-types";

describe("chosen event types", () => {
  it("hold nothing twice", () => {
    expect(tidy(["alert.opened", "alert.*", "oncall.handoff", "oncall.handoff", "new.kind"])).toEqual(["alert.*", "oncall.handoff", "new.kind"]);
    expect(tidy(["alert.*", "*"])).toEqual(["*"]);
  });
});

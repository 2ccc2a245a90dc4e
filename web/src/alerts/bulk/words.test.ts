import { describe, expect, it } from "vitest";

import type { Schema } from "@/api/client";

import { saidOfJob, wayBackOf } from "./words";

const alert = (id: string, status: Schema["Alert"]["status"]) => ({ id, status }) as Schema["Alert"];
const before = [alert("a", "firing"), alert("b", "acknowledged"), alert("c", "firing")];

describe("the way back of a bulk job", () => {
  it("gives back those that it took, not those that somebody had, nor those that refused", () => {
    expect(wayBackOf({ action: "acknowledge" }, before, [{ alert_id: "c", code: "x", reason: "y" }])).toEqual({ command: { action: "unacknowledge" }, ids: ["a"] });
  });

  it("is not there where nothing was changed, or what was before is not known", () => {
    expect(wayBackOf({ action: "acknowledge" }, [before[1]!], [])).toBeNull();
    expect(wayBackOf({ action: "resolve" }, [], [])).toBeNull();
    expect(wayBackOf({ action: "snooze" }, before, [])).toBeNull();
  });
});

it("a job is told in numbers", () => {
  const job = { action: "acknowledge", total: 1200, done: 1198, failed: 2, finished_at: "2026-11-26T02:00:00Z" };
  expect(saidOfJob(job)).toBe("1,198 of 1,200 acknowledged, 2 refused");
  expect(saidOfJob({ ...job, total: 0, done: 0, failed: 0 })).toMatch(/^There was nothing to do/u);
});

import { expect, it } from "vitest";

import { climb } from "./climb";

const page = (recipient: string, channel: string, minute: number) => ({ recipient, channel, minute, user: null, at: "2026-03-01T00:00:00Z", timezone: null, held_for: null });
const rung = (cycle: number, tier: number, minute: number, pages: ReturnType<typeof page>[], isEnd = false) => ({ cycle, tier, minute, pages, at: "2026-03-01T00:00:00Z", targets: [], is_fallback: false, is_end: isEnd });

it("a run is told by cycle, and per recipient in one line", () => {
  const { cycles, end } = climb([
    rung(0, 0, 0, [page("user:a", "slack_dm", 0), page("channel:C", "slack_channel", 0), page("user:a", "sms", 2)]),
    rung(1, 0, 5, [page("user:a", "slack_dm", 5)]),
    rung(1, 1, 10, [page("user:z", "sms", 10)], true),
  ]);
  expect(cycles.map((rungs) => rungs.length)).toEqual([1, 1]);
  expect(cycles[0]![0]!.told.map((each) => [each.recipient, each.pages.map((one) => `${one.channel}+${one.after}`)])).toEqual([
    ["user:a", ["slack_dm+0", "sms+2"]],
    ["channel:C", ["slack_channel+0"]],
  ]);
  expect(end?.minute).toBe(10);
});

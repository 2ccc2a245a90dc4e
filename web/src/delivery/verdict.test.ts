import { describe, expect, it } from "vitest";

import type { ChannelHealth } from "./page-counts";
import { headline, remarksOf } from "./verdict";

const state = { database_latency_ms: 1, is_bus_connected: true, is_cache_up: true, enrichment_lag: 0, outbox_age_seconds: null, spooled_calls: 0, overdue_timers: 0, canary: null, stream_clients: 3, uptime_seconds: 9, version: "1", last_alert_received_at: null };
const sms: ChannelHealth = { name: "SMS", late: 1, taken: 0, refusal: { since: "2026-11-26T02:10:00Z", reason: "21610" } };

describe("the verdict", () => {
  it("is calm when nothing is known to be wrong", () => {
    expect(remarksOf({ state, findings: 0 })).toEqual([]);
    expect(headline([], true)).toBe("Everything works");
  });
  it("names the channel, and since when its provider refuses", () => {
    const [remark] = remarksOf({ state, channels: [sms] }, "UTC");
    expect(remark).toEqual({ level: "wrong", text: "Pages by SMS are late: the provider refuses since 02:10 (21610)" });
  });
  it("tells the worst first", () => {
    const remarks = remarksOf({ state: { ...state, is_cache_up: false, spooled_calls: 1 }, findings: 2 });
    expect(remarks.map(({ level }) => level)).toEqual(["wrong", "late", "late"]);
    expect(headline(remarks, true)).toBe("Something is wrong");
    expect(headline(remarks.slice(1), true)).toBe("It works, with remarks");
  });
  it("takes a canary that is silent for five minutes for a dead pipeline", () => {
    const canary = { age_seconds: 301, last_arrived_at: null, round_trip_seconds: null };
    expect(remarksOf({ state: { ...state, canary } })).toEqual([{ level: "wrong", text: "No canary has come through for 5 m: alerts may be received and page nobody" }]);
    expect(remarksOf({ state: { ...state, canary: { ...canary, age_seconds: 299 } } })).toEqual([]);
  });
  it("does not call good what it does not know", () => expect(headline([], false)).toBe("Not everything could be found out"));
  it("does not take unknown for bad", () => expect(remarksOf({ state: { ...state, enrichment_lag: null, outbox_age_seconds: null } })).toEqual([]));
});

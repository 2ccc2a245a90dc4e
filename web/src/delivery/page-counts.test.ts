import { describe, expect, it } from "vitest";

import { healthOf, percent, type ProviderSummary } from "./page-counts";

const provider = (more: Partial<ProviderSummary>): ProviderSummary => ({
  channel: "sms", provider: "twilio", waiting: 0, late: 0, sent: 0, delivered: 0, failed: 0, superseded: 0, retried: 0, tries: 0, taken: 0, p50_seconds: null, p95_seconds: null, refused_since: null, refusal: null, ...more,
});
const refusing = provider({ tries: 3, taken: 1, refused_since: "2026-11-26T02:10:00Z", refusal: "21610 opted out" });

describe("a channel", () => {
  it("is named, with all that waits for it", () => {
    expect(healthOf([provider({ tries: 1, taken: 1 }), provider({ provider: null, late: 2 })])).toEqual([{ name: "SMS", late: 2, taken: 1, refusal: null }]);
  });
  it("tells since when its provider refuses", () => {
    expect(healthOf([refusing])[0]?.refusal).toEqual({ since: "2026-11-26T02:10:00Z", reason: "21610 opted out" });
  });
  it("does not, while another provider takes its pages", () => {
    expect(healthOf([refusing, provider({ provider: "other", tries: 1, taken: 1 })])[0]?.refusal).toBeNull();
  });
  it("has no refusal where nobody was asked", () => expect(healthOf([provider({ provider: null, waiting: 1 })])[0]?.refusal).toBeNull());
});

it("a share is all of it only when nothing is missing", () => expect([percent(999, 1_000), percent(1, 1), percent(1, 3)]).toEqual([99, 100, 33]));

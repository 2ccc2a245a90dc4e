import { describe, expect, it } from "vitest";

import { countPages } from "./page-counts";

const alert = { id: "a", title: "Disk full" };
const attempt = (outcome: "sent" | "failed" | "unclear", at: string, reason: string | null = null) => ({ outcome, provider: "twilio", provider_id: null, reason, detail: null, finished_at: at });
const page = (status: "queued" | "sent" | "delivered" | "failed", attempts: ReturnType<typeof attempt>[], not_before = "2026-11-26T02:00:00Z") => ({ alert, channel: "sms", status, provider: "twilio", reason: null, not_before, attempts, settled_at: null });
const now = Date.parse("2026-11-26T02:20:00Z");

describe("pages by channel", () => {
  it("are counted", () => {
    const [sms] = countPages([page("sent", [attempt("sent", "2026-11-26T02:00:01Z")]), page("delivered", []), page("queued", [], "2026-11-26T02:19:30Z")], now);
    expect(sms).toMatchObject({ name: "SMS", waiting: 1, late: 0, sent: 1, delivered: 1, tries: 1, taken: 1, refusal: null });
  });
  it("are late a minute after they were to go out, and not when they are held until later", () => {
    expect(countPages([page("queued", [])], now)[0]?.late).toBe(1);
    expect(countPages([page("queued", [], "2026-11-26T03:00:00Z")], now)[0]?.late).toBe(0);
  });
  it("tell since when a provider refuses", () => {
    const [sms] = countPages([page("failed", [attempt("failed", "2026-11-26T02:10:00Z", "a"), attempt("failed", "2026-11-26T02:12:00Z", "21610 opted out")]), page("sent", [attempt("sent", "2026-11-26T02:05:00Z")])], now);
    expect(sms?.refusal).toEqual({ since: "2026-11-26T02:10:00Z", reason: "21610 opted out" });
  });
  it("forget refusals once something was taken", () => {
    expect(countPages([page("failed", [attempt("failed", "2026-11-26T02:10:00Z", "a")]), page("sent", [attempt("sent", "2026-11-26T02:15:00Z")])], now)[0]?.refusal).toBeNull();
  });
});

/** What became of a page, in words, and whether that is good. Pure. */
import { span } from "@/time/words";

export interface Sent {
  status: string;
  channel: string;
  created_at?: string;
  not_before: string;
  held_for: "limit" | "quiet_hours" | null;
  sent_at: string | null;
  reason: string | null;
  bundled_into: string | null;
}

/** Channels whose provider tells later whether the page arrived. */
const TELLS_LATER: ReadonlySet<string> = new Set(["sms", "phone", "voice"]);

export const NO_RECEIPT_MS = 90_000;

export interface ReceiptWords {
  words: string;
  tone: "good" | "waiting" | "bad" | "quiet";
}

/** Whether a receipt is owed and has not come in time. */
export function lacksReceipt(page: Pick<Sent, "status" | "channel" | "sent_at">, now: number): boolean {
  return page.status === "sent" && TELLS_LATER.has(page.channel) && page.sent_at !== null && now - Date.parse(page.sent_at) > NO_RECEIPT_MS;
}

export function receiptOf(page: Sent, now: number): ReceiptWords {
  const bundled = page.bundled_into ? ", in one message with another page" : "";
  switch (page.status) {
    case "delivered":
      return { words: `delivered${bundled}`, tone: "good" };
    case "sent":
      if (lacksReceipt(page, now)) return { words: "no receipt after 90 s", tone: "bad" };
      return TELLS_LATER.has(page.channel) ? { words: `sent${bundled}, no receipt yet`, tone: "waiting" } : { words: `sent${bundled}`, tone: "good" };
    case "failed":
      return { words: `failed${page.reason ? `: ${page.reason.replaceAll("_", " ")}` : ""}`, tone: "bad" };
    case "superseded":
      return { words: "called back before it was sent", tone: "quiet" };
    case "queued": {
      const left = Date.parse(page.not_before) - now;
      if (page.held_for) return { words: `held by ${page.held_for === "limit" ? "a limit" : "quiet hours"}${left > 0 ? `, ${span(left)} more` : ""}`, tone: "waiting" };
      return { words: "about to be sent", tone: "waiting" };
    }
    default:
      return { words: page.status, tone: "waiting" };
  }
}

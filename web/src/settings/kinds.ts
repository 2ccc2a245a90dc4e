/** Ways to reach somebody, in words. Pure. */
import type { Schema } from "@/api/client";

export type Method = Schema["ContactMethod"];
/** Of these people write the address; a browser tells its own. */
export type WrittenKind = Schema["ContactContent"]["kind"];

export const KINDS: Record<Method["kind"], string> = { slack_dm: "Slack", phone: "Phone call", sms: "SMS", email: "Mail", push: "Browser" };

export const WRITTEN: Record<WrittenKind, { hint: string; /** How a code comes over it. */ brings: string }> = {
  slack_dm: { hint: "The Slack user's id, for example U0123ABCD.", brings: "A direct message in Slack brings the code." },
  phone: { hint: "With the country's code: +491701234567.", brings: "The phone rings, and a voice says the code twice." },
  sms: { hint: "With the country's code: +491701234567.", brings: "A text message brings the code." },
  email: { hint: "A mail address.", brings: "A mail brings the code; look among the unwanted ones too." },
};

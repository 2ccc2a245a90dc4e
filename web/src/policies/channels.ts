/** Ways in which a page travels, as people say them. */
import type { Schema } from "@/api/client";

export type Channel = Schema["TierContent"]["notify_via"][number];

export const CHANNELS: readonly Channel[] = ["slack_dm", "slack_channel", "sms", "phone", "email", "push", "webhook"];

const WORDS: Record<string, string> = {
  slack_dm: "Slack message",
  slack_channel: "Slack channel",
  sms: "SMS",
  phone: "Phone call",
  email: "E-mail",
  push: "Browser",
  webhook: "Webhook",
  mattermost: "Mattermost",
  teams: "Teams",
};

export function channelWords(channel: string): string {
  return WORDS[channel] ?? channel;
}

/** Pages by channel, from what each provider took and refused. Pure. */
import type { Schema } from "@/api/client";

export type ProviderSummary = Schema["ProviderSummary"];

/** A page that is still on its way this long after it was to go out is late. */
export const LATE_MS = 60_000;

const CHANNEL_NAMES: Readonly<Record<string, string>> = {
  slack_dm: "Slack message",
  slack_channel: "Slack channel",
  sms: "SMS",
  phone: "Phone call",
  email: "Mail",
  push: "Browser",
  webhook: "Webhook",
  mattermost: "Mattermost",
  teams: "Teams",
};

export function channelName(channel: string): string {
  return CHANNEL_NAMES[channel] ?? channel;
}

export interface ChannelHealth {
  name: string;
  late: number;
  /** How many pages a provider took. */
  taken: number;
  /** Since when nobody has taken anything, and the newest reason; null while somebody does, or nobody was asked. */
  refusal: { since: string; reason: string } | null;
}

/** The providers of a channel together: where one takes pages, the refusals of another are made up for. */
export function healthOf(providers: readonly ProviderSummary[]): ChannelHealth[] {
  const channels = [...new Set(providers.map(({ channel }) => channel))];
  return channels.map((channel) => {
    const own = providers.filter((each) => each.channel === channel);
    const asked = own.filter(({ tries }) => tries > 0);
    const newest = asked.toSorted((a, b) => (a.refused_since ?? "").localeCompare(b.refused_since ?? "")).at(-1);
    const isRefused = asked.length > 0 && asked.every(({ refused_since }) => refused_since !== null);
    return {
      name: channelName(channel),
      late: own.reduce((sum, { late }) => sum + late, 0),
      taken: own.reduce((sum, { taken }) => sum + taken, 0),
      refusal: isRefused && newest?.refused_since ? { since: newest.refused_since, reason: newest.refusal ?? "no reason given" } : null,
    };
  });
}

/** A share in whole percent; 100 only when it is all of it. */
export function percent(part: number, whole: number): number {
  const rounded = Math.round((100 * part) / whole);
  return rounded === 100 && part < whole ? 99 : rounded;
}

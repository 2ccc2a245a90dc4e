/** Pages by channel and by what became of them. Pure. */
import type { PagedDelivery } from "./queries";

/** A page that is still on its way this long after it was to go out is late. */
export const LATE_MS = 60_000;

export const CHANNEL_NAMES: Readonly<Record<string, string>> = {
  slack_dm: "Slack message",
  slack_channel: "Slack channel",
  sms: "SMS",
  phone: "Phone call",
  email: "Mail",
  webhook: "Webhook",
  mattermost: "Mattermost",
  teams: "Teams",
};

type Delivery = Pick<PagedDelivery, "channel" | "status" | "provider" | "reason" | "not_before" | "attempts" | "settled_at"> & { alert: PagedDelivery["alert"] };

export interface ChannelCounts {
  channel: string;
  name: string;
  providers: string[];
  /** On their way: queued or being sent. */
  waiting: number;
  late: number;
  sent: number;
  delivered: number;
  failed: number;
  superseded: number;
  /** Of the pages that a provider was asked to take, how many it took. */
  tries: number;
  taken: number;
  /** The refusals since a provider took something last: how long that has been so, and the newest reason. */
  refusal: { since: string; reason: string } | null;
}

export function countPages(deliveries: readonly Delivery[], now: number): ChannelCounts[] {
  const channels = [...new Set(deliveries.map(({ channel }) => channel))];
  return channels.map((channel) => countOf(channel, deliveries.filter((each) => each.channel === channel), now)).sort((a, b) => a.name.localeCompare(b.name));
}

function countOf(channel: string, all: readonly Delivery[], now: number): ChannelCounts {
  const count = (...statuses: Array<Delivery["status"]>) => all.filter(({ status }) => statuses.includes(status)).length;
  const attempts = all.flatMap((delivery) => delivery.attempts).toSorted((a, b) => a.finished_at.localeCompare(b.finished_at));
  const judged = attempts.filter(({ outcome }) => outcome === "sent" || outcome === "found" || outcome === "failed" || outcome === "unclear");
  const isTaken = ({ outcome }: { outcome: string }) => outcome === "sent" || outcome === "found";
  const refused = judged.slice(judged.findLastIndex(isTaken) + 1);
  return {
    channel,
    name: CHANNEL_NAMES[channel] ?? channel,
    providers: [...new Set(all.flatMap(({ provider }) => provider ?? []))],
    waiting: count("queued", "sending"),
    late: all.filter(({ status, not_before }) => (status === "queued" || status === "sending") && now - Date.parse(not_before) > LATE_MS).length,
    sent: count("sent"),
    delivered: count("delivered"),
    failed: count("failed"),
    superseded: count("superseded"),
    tries: judged.length,
    taken: judged.filter(isTaken).length,
    refusal: refused.length > 0 ? { since: refused[0]!.finished_at, reason: refused.at(-1)!.reason ?? refused.at(-1)!.detail ?? "no reason given" } : null,
  };
}

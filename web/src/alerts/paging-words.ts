/** Why an alert pages now, or does not, in words for people. Pure. */
import { moment, zoneName, localZone } from "@/time/words";

import type { Alert } from "./commands";

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)/gu;

/** A text of the server's with its instants as this reader's clock shows them. */
export function withLocalTimes(text: string, zone: string = localZone): string {
  return text.replace(INSTANT, (instant) => (Number.isNaN(Date.parse(instant)) ? instant : `${moment(instant, zone)} ${zoneName(instant, zone)}`));
}

export type Paging = "due" | "held" | "nobody" | "lost";

/** `due`: somebody will be paged; `held`: not before an instant; `lost`: it should have reached somebody. */
export function pagingOf(alert: Pick<Alert, "status" | "escalation_state">): Paging {
  if (alert.status === "resolved") return "nobody";
  switch (alert.escalation_state) {
    case "pending":
      return "due";
    case "muted":
    case "snoozed":
      return "held";
    case "exhausted":
      return "lost";
    case "none":
    case "stopped":
      return "nobody";
  }
}

type Said = Pick<Alert, "status" | "escalation_state" | "escalation_reason" | "tier" | "cycle" | "next_escalation_at">;

/** Without the countdown, which stands beside it. */
export function saidPaging(alert: Said, zone: string = localZone): string {
  const reason = withLocalTimes(alert.escalation_reason, zone);
  const version = /^policy version (\d+)$/u.exec(alert.escalation_reason)?.[1];
  switch (pagingOf(alert)) {
    case "due":
      return `Tier ${alert.tier + 1}${alert.cycle > 0 ? ` of round ${alert.cycle + 1}` : ""} is paged next${version ? `, by version ${version} of its policy` : ""}`;
    case "held":
      return `Nobody is paged: ${reason}`;
    case "lost":
      return `Nobody is paged any more: ${reason}`;
    case "nobody":
      return alert.status === "resolved" ? `Nobody is paged: ${reason}` : `Nobody is paged${alert.escalation_state === "stopped" ? " any more" : ""}: ${reason}`;
  }
}

const CHANNELS: Readonly<Record<string, string>> = {
  slack_dm: "Slack", slack_channel: "Slack channel", sms: "text message", phone: "call", voice: "call", email: "mail", webhook: "webhook", teams: "Teams", mattermost: "Mattermost",
};

export function channelName(channel: string): string {
  return CHANNELS[channel] ?? channel.replaceAll("_", " ");
}

const TARGETS: Readonly<Record<string, string>> = { oncall_primary: "primary on call", oncall_backup: "secondary on call", team_lead: "team lead" };

/** `oncall_primary`, `roster:<id>:secondary`, `user:<id>` as words, without ids. */
export function targetName(target: string): string {
  const known = TARGETS[target];
  if (known) return known;
  const [kind, , place] = target.split(":");
  return place ? `${kind} ${place}` : (kind ?? target);
}

/** Why an alert pages now, or does not, in words for people. Pure. */
import type { Alert } from "@/alerts/act/commands";

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

type Said = Pick<Alert, "status" | "escalation_state" | "escalation_reason">;

/** What the ladder says of the coming rung. */
export interface Next {
  name: string;
  people: readonly string[];
}

/** Without the countdown, which stands beside it. `next` is null until the ladder is known. */
export function saidPaging(alert: Said, next: Next | null): string {
  const reason = alert.escalation_reason;
  switch (pagingOf(alert)) {
    case "due":
      if (!next) return "Somebody is paged next";
      return next.people.length ? `${next.people.join(" and ")} ${next.people.length > 1 ? "are" : "is"} paged next: ${next.name}` : `Nobody is behind ${next.name}, which is next`;
    case "held":
      return `Nobody is paged: ${reason}`;
    case "lost":
      return `Nobody is paged any more: ${reason}`;
    case "nobody":
      return `Nobody is paged${alert.escalation_state === "stopped" && alert.status !== "resolved" ? " any more" : ""}: ${reason}`;
  }
}

const CHANNELS: Readonly<Record<string, string>> = {
  slack_dm: "Slack", slack_channel: "Slack channel", sms: "text message", phone: "call", voice: "call", email: "mail", push: "notification", webhook: "webhook", teams: "Teams", mattermost: "Mattermost",
};

export function channelName(channel: string): string {
  return CHANNELS[channel] ?? channel.replaceAll("_", " ");
}

const TARGETS: Readonly<Record<string, string>> = { oncall_primary: "primary on call", oncall_backup: "secondary on call", team_lead: "team lead" };

/** A sentence of the server's for people: without names that are for programs. */
export function plainly(text: string): string {
  const names = { ...TARGETS, ...CHANNELS };
  return text.replace(/\b(?:oncall_primary|oncall_backup|team_lead|slack_dm|slack_channel|sms)\b/gu, (name) => names[name] ?? name);
}

/** `oncall_primary`, `roster:<id>:secondary`, `user:<id>` as words, without ids. */
export function targetName(target: string): string {
  const known = TARGETS[target];
  if (known) return known;
  const [kind, , place] = target.split(":");
  return place ? `${kind} ${place}` : (kind ?? target);
}

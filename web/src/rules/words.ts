/** What a rule does, in a line. Pure. */
import type { Grouping, Route, Window } from "./kinds";
import type { Names } from "./queries";
import { recurrenceWords } from "./recurrence";

export function routeWords(route: Omit<Route, "id" | "revision" | "created_at" | "updated_at" | "position" | "matchers" | "name" | "is_enabled">, names: Names | undefined): string[] {
  const nameOf = (list: ReadonlyArray<{ id: string; name: string }> | undefined, id: string) => list?.find((each) => each.id === id)?.name ?? (names ? id : "…");
  const said: string[] = [];
  if (route.service_id) said.push(`service ${nameOf(names?.services, route.service_id)}`);
  if (route.policy_id) said.push(`policy ${nameOf(names?.policies, route.policy_id)}`);
  if (route.slack_channel) said.push(`Slack channel ${route.slack_channel}`);
  if (route.pages_from === "never") said.push("pages nobody");
  else if (route.pages_from === "info") said.push("always pages");
  else if (route.pages_from) said.push(`pages from ${route.pages_from}`);
  if (said.length === 0) said.push("decides nothing");
  if (route.continues) said.push("later routes may decide the rest");
  return said;
}

export function groupingWords(rule: Pick<Grouping, "group_by" | "threshold" | "window_minutes" | "pages">): string[] {
  return [
    rule.group_by.length ? `one group per ${rule.group_by.join(", ")}` : "one group of all",
    rule.threshold > 1 ? `begins with ${rule.threshold} alerts in ${rule.window_minutes} min` : `takes alerts for ${rule.window_minutes} min after the last`,
    rule.pages === "first" ? "the first alert pages for all" : "each alert pages",
  ];
}

/** `every week on Sunday at 02:00, 90 min, in Europe/Berlin` */
export function windowWords(window: Pick<Window, "starts_at" | "duration_minutes" | "rrule" | "timezone">): string {
  const [day = "", time = ""] = window.starts_at.split("T");
  const when = window.rrule ? `${recurrenceWords(window.rrule)} at ${time.slice(0, 5)}, from ${day}` : `once, ${day} at ${time.slice(0, 5)}`;
  return `${when}; ${lengthWords(window.duration_minutes)}; ${window.timezone}`;
}

export function lengthWords(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest} min`;
  return rest ? `${hours} h ${String(rest).padStart(2, "0")} min` : `${hours} h`;
}

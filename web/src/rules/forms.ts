/** The five forms: what they hold, what is sent, and how each is tried before it is saved. Pure. */
import * as z from "zod/mini";

import type { Schema } from "@/api/client";
import { inputOf, instantOf } from "@/time/local-input";

import type { Grouping, Inhibition, Route, Silence, Window } from "./kinds";
import { OPS, type Matcher, type Op } from "./matcher";
import type { Trial } from "./queries";
import { ONCE, recurrenceOf, ruleOf, type Recurrence } from "./recurrence";

export interface Form<V, R, C> {
  schema: z.ZodMiniType<V>;
  valuesOf: (stored: R) => V;
  contentOf: (values: V, stored: R | null) => C;
  /** Null while something is missing. `last`: the place behind all rules that there are. */
  trialOf: (values: V, stored: R | null, last: number) => Trial | null;
}

const matcher = z.object({
  name: z.string().check(z.minLength(1, "Which label? @severity, @source and @title are the alert's own.")),
  op: z.enum(OPS as readonly [Op, ...Op[]]),
  value: z.string(),
});
const matchers = z.array(matcher).check(z.maxLength(20, "At most 20 conditions."));
const someMatchers = z.array(matcher).check(z.minLength(1, "At least one condition, or it would be about everything."), z.maxLength(20, "At most 20 conditions."));
const name = z.string().check(z.trim(), z.minLength(1, "It needs a name."), z.maxLength(200, "At most 200 characters."));
const whole = (least: number, most: number) => z.number("A whole number.").check(z.int("A whole number."), z.minimum(least, `At least ${least}.`), z.maximum(most, `At most ${most}.`));

const isFull = (given: readonly Matcher[]) => given.length > 0 && given.every((each) => each.name);
const areNamed = (given: readonly Matcher[]) => given.every((each) => each.name);
const matchersOf = (given: ReadonlyArray<Schema["Matcher"]>): Matcher[] => given.map((each) => ({ name: each.name, op: each.op ?? "=", value: each.value }));
/** `cluster, namespace` → both labels. */
export const labelsOf = (text: string): string[] => [...new Set(text.split(/[\s,]+/u).filter(Boolean))];

export interface RouteValues {
  name: string;
  matchers: Matcher[];
  service_id: string;
  policy_id: string;
  slack_channel: string;
  pages_from: "" | NonNullable<Route["pages_from"]>;
  continues: boolean;
  is_enabled: boolean;
}

export const NEW_ROUTE: RouteValues = { name: "", matchers: [], service_id: "", policy_id: "", slack_channel: "", pages_from: "", continues: false, is_enabled: true };

export const ROUTE_FORM: Form<RouteValues, Route, Schema["RouteContent"]> = {
  schema: z.object({ name, matchers, service_id: z.string(), policy_id: z.string(), slack_channel: z.string(), pages_from: z.enum(["", "critical", "major", "warning", "info", "never"]), continues: z.boolean(), is_enabled: z.boolean() }),
  valuesOf: (route) => ({
    name: route.name,
    matchers: matchersOf(route.matchers),
    service_id: route.service_id ?? "",
    policy_id: route.policy_id ?? "",
    slack_channel: route.slack_channel ?? "",
    pages_from: route.pages_from ?? "",
    continues: route.continues,
    is_enabled: route.is_enabled,
  }),
  contentOf: (values, stored) => ({
    ...values,
    name: values.name.trim(),
    service_id: values.service_id || null,
    policy_id: values.policy_id || null,
    slack_channel: values.slack_channel.trim() || null,
    pages_from: values.pages_from || null,
    position: stored?.position ?? null,
  }),
  // A draft stands in for the stored one of its name, so a route that is being renamed is tried under its old one.
  trialOf: (values, stored, last) => (areNamed(values.matchers) ? { kind: "route", days: 1, rule: { ...ROUTE_FORM.contentOf(values, stored), name: stored?.name ?? values.name, position: stored?.position ?? last, is_enabled: true } } : null),
};

export interface SilenceValues {
  matchers: Matcher[];
  /** As a field holds it; empty is now. */
  starts_at: string;
  ends_at: string;
  comment: string;
}

const silenceSchema = z
  .object({
    matchers: someMatchers,
    starts_at: z.string(),
    ends_at: z.string().check(z.minLength(1, "A silence always has an end.")),
    comment: z.string().check(z.trim(), z.minLength(1, "Say why, for whoever reads it at night."), z.maxLength(1000, "At most 1000 characters.")),
  })
  .check(z.refine((values) => !values.ends_at || !values.starts_at || values.starts_at < values.ends_at, { path: ["ends_at"], message: "It ends before it starts." }));

/** The instant of a field; the stored one to the second, where the field still shows it. */
const kept = (value: string, stored: string | undefined) => (stored && inputOf(stored) === value ? stored : instantOf(value));

export const SILENCE_FORM: Form<SilenceValues, Silence, Schema["SilenceContent"]> = {
  schema: silenceSchema,
  valuesOf: (silence) => ({ matchers: matchersOf(silence.matchers), starts_at: inputOf(silence.starts_at), ends_at: inputOf(silence.ends_at), comment: silence.comment }),
  contentOf: (values, stored) => ({ matchers: values.matchers, starts_at: kept(values.starts_at, stored?.starts_at), ends_at: kept(values.ends_at, stored?.ends_at) ?? "", comment: values.comment.trim() }),
  trialOf: (values) => (isFull(values.matchers) ? { kind: "silence", days: 1, rule: { matchers: values.matchers, is_enabled: true, starts_at: null, ends_at: null, comment: "" } } : null),
};

export interface WindowValues {
  name: string;
  matchers: Matcher[];
  timezone: string;
  starts_at: string;
  duration_minutes: number;
  recurrence: Recurrence;
  is_enabled: boolean;
}

const recurrence = z
  .object({ every: z.enum(["once", "day", "week", "month", "rule"]), interval: whole(1, 99), days: z.array(z.enum(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])), nth: z.string(), rule: z.string() })
  .check(z.refine((given) => given.every !== "rule" || given.rule.trim() !== "", { path: ["rule"], message: "Which recurrence? FREQ=WEEKLY;BYDAY=SU, for example." }));

const wallTime = (value: string) => (/T\d{2}:\d{2}$/u.test(value) ? `${value}:00` : value);

export const NEW_WINDOW: Omit<WindowValues, "timezone" | "starts_at"> = { name: "", matchers: [], duration_minutes: 90, recurrence: ONCE, is_enabled: true };

export const WINDOW_FORM: Form<WindowValues, Window, Schema["MaintenanceWindowContent"]> = {
  schema: z.object({
    name,
    matchers: someMatchers,
    timezone: z.string().check(z.minLength(1, "Choose a zone.")),
    starts_at: z.string().check(z.minLength(1, "When does it begin?")),
    duration_minutes: whole(1, 43_200),
    recurrence,
    is_enabled: z.boolean(),
  }),
  valuesOf: (window) => ({ name: window.name, matchers: matchersOf(window.matchers), timezone: window.timezone, starts_at: window.starts_at.slice(0, 16), duration_minutes: window.duration_minutes, recurrence: recurrenceOf(window.rrule), is_enabled: window.is_enabled }),
  contentOf: ({ recurrence: again, ...values }) => ({ ...values, name: values.name.trim(), starts_at: wallTime(values.starts_at), rrule: ruleOf(again) }),
  trialOf: (values) =>
    isFull(values.matchers) && values.starts_at && values.duration_minutes >= 1 && recurrence.safeParse(values.recurrence).success ? { kind: "maintenance_window", days: 1, rule: { ...WINDOW_FORM.contentOf(values, null), rrule: ruleOf(values.recurrence), is_enabled: true } } : null,
};

export interface GroupingValues {
  name: string;
  matchers: Matcher[];
  group_by: string;
  threshold: number;
  window_minutes: number;
  pages: Grouping["pages"];
  is_enabled: boolean;
}

export const NEW_GROUPING: GroupingValues = { name: "", matchers: [], group_by: "", threshold: 1, window_minutes: 30, pages: "first", is_enabled: true };

export const GROUPING_FORM: Form<GroupingValues, Grouping, Schema["GroupingRuleContent"]> = {
  schema: z.object({
    name,
    matchers,
    group_by: z.string().check(z.refine((text) => labelsOf(text).length <= 10, "At most 10 labels.")),
    threshold: whole(1, 100),
    window_minutes: whole(1, 1440),
    pages: z.enum(["each", "first"]),
    is_enabled: z.boolean(),
  }),
  valuesOf: (rule) => ({ name: rule.name, matchers: matchersOf(rule.matchers), group_by: rule.group_by.join(", "), threshold: rule.threshold, window_minutes: rule.window_minutes, pages: rule.pages, is_enabled: rule.is_enabled }),
  contentOf: (values, stored) => ({ ...values, name: values.name.trim(), group_by: labelsOf(values.group_by), position: stored?.position ?? null }),
  trialOf: (values, stored, last) =>
    areNamed(values.matchers) && values.threshold >= 1 && values.window_minutes >= 1
      ? { kind: "grouping_rule", days: 1, rule: { ...GROUPING_FORM.contentOf(values, stored), matchers: values.matchers, name: stored?.name ?? values.name, position: stored?.position ?? last, threshold: values.threshold, window_minutes: values.window_minutes, pages: values.pages, is_enabled: true } }
      : null,
};

export interface InhibitionValues {
  name: string;
  source_matchers: Matcher[];
  target_matchers: Matcher[];
  equal: string;
  is_enabled: boolean;
}

export const NEW_INHIBITION: InhibitionValues = { name: "", source_matchers: [], target_matchers: [], equal: "", is_enabled: true };

export const INHIBITION_FORM: Form<InhibitionValues, Inhibition, Schema["InhibitionRuleContent"]> = {
  schema: z.object({ name, source_matchers: someMatchers, target_matchers: someMatchers, equal: z.string().check(z.refine((text) => labelsOf(text).length <= 10, "At most 10 labels.")), is_enabled: z.boolean() }),
  valuesOf: (rule) => ({ name: rule.name, source_matchers: matchersOf(rule.source_matchers), target_matchers: matchersOf(rule.target_matchers), equal: rule.equal.join(", "), is_enabled: rule.is_enabled }),
  contentOf: (values) => ({ ...values, name: values.name.trim(), equal: labelsOf(values.equal) }),
  trialOf: (values) => (isFull(values.source_matchers) && isFull(values.target_matchers) ? { kind: "inhibition_rule", days: 1, rule: { ...INHIBITION_FORM.contentOf(values, null), equal: labelsOf(values.equal), is_enabled: true } } : null),
};

/** `$.matchers[0].value` → `matchers.0.value`; `$.group_by[1]` → `group_by`, which is one field. */
export function pathOf(field: string): string {
  const parts = field.replace(/^\$\.?/u, "").replaceAll(/\[(\d+)\]/gu, ".$1").split(".").filter(Boolean);
  const first = parts[0] ?? "root";
  if (first === "rrule") return "recurrence.rule";
  return first.endsWith("matchers") ? parts.join(".") : first;
}

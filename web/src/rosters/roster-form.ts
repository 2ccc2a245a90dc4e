/** What people type about a roster, and what the API takes. Pure. */
import * as z from "zod/mini";

import type { Roster, RosterContent } from "./queries";
import { clock } from "./words";
import { isZone } from "./zones";

const time = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/u, "A time such as 09:00."));
const optionalTime = z.string().check(z.regex(/^(([01]\d|2[0-3]):[0-5]\d)?$/u, "A time such as 09:00, or nothing."));

export const rosterSchema = z
  .object({
    name: z.string().check(z.trim(), z.minLength(1, "Give it a name."), z.maxLength(200, "At most 200 characters.")),
    description: z.string().check(z.maxLength(1000, "At most 1,000 characters.")),
    timezone: z.string().check(z.refine(isZone, "No zone has this name.")),
    pattern: z.enum(["daily", "weekly", "days", "hours"]),
    length: z.string(),
    handoff_time: time,
    handoff_day: z.string(),
    start_date: z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/u, "Choose a day.")),
    end_date: z.string(),
    active_from: optionalTime,
    active_until: optionalTime,
    linked_roster_id: z.string(),
    max_weeks: z.string().check(z.regex(/^([1-9]|[1-4]\d|5[0-2])?$/u, "From 1 to 52, or nothing.")),
  })
  .check(
    z.refine((form) => !lengthLimit(form.pattern) || (/^\d+$/u.test(form.length) && Number(form.length) >= 1 && Number(form.length) <= lengthLimit(form.pattern)!), { path: ["length"], message: "A whole number: up to 366 days or 8,784 hours." }),
    z.refine((form) => !form.active_from === !form.active_until, { path: ["active_until"], message: "Fill in both active hours, or neither." }),
    z.refine((form) => !form.end_date || form.end_date >= form.start_date, { path: ["end_date"], message: "The end must not be before the start." }),
  );

export type RosterForm = z.infer<typeof rosterSchema>;

function lengthLimit(pattern: string): number | null {
  return pattern === "days" ? 366 : pattern === "hours" ? 8784 : null;
}

export function formOf(roster: Roster): RosterForm {
  const pattern = roster.rotation_hours ? "hours" : roster.rotation_days === 1 ? "daily" : roster.rotation_days === 7 ? "weekly" : "days";
  return {
    name: roster.name,
    description: roster.description,
    timezone: roster.timezone,
    pattern,
    length: String(roster.rotation_hours ?? roster.rotation_days),
    handoff_time: clock(roster.handoff_time),
    handoff_day: roster.handoff_day ? String(roster.handoff_day) : "",
    start_date: roster.start_date,
    end_date: roster.end_date ?? "",
    active_from: roster.active_from ? clock(roster.active_from) : "",
    active_until: roster.active_until ? clock(roster.active_until) : "",
    linked_roster_id: roster.linked_roster_id ?? "",
    max_weeks: roster.max_weeks ? String(roster.max_weeks) : "",
  };
}

/** `kept`: the days of a roster whose turns are counted in hours, which the form does not show. */
export function contentOf(form: RosterForm, keptDays = 7): RosterContent {
  const days = { daily: 1, weekly: 7, days: Number(form.length), hours: keptDays }[form.pattern];
  return {
    name: form.name.trim(),
    description: form.description,
    timezone: form.timezone,
    rotation_days: days,
    rotation_hours: form.pattern === "hours" ? Number(form.length) : null,
    handoff_time: form.handoff_time,
    handoff_day: form.handoff_day ? Number(form.handoff_day) : null,
    start_date: form.start_date,
    end_date: form.end_date || null,
    active_from: form.active_from || null,
    active_until: form.active_until || null,
    linked_roster_id: form.linked_roster_id || null,
    max_weeks: form.max_weeks ? Number(form.max_weeks) : null,
  };
}

/** Whether saving would change anything. */
export function hasChanged(form: RosterForm, roster: Roster): boolean {
  const kept = roster.rotation_days;
  return JSON.stringify(contentOf(form, kept)) !== JSON.stringify(contentOf(formOf(roster), kept));
}

/** The form's field that a field of the API is shown at. */
export function formField(field: string): keyof RosterForm | null {
  const name = field.replace(/^\$\.?/u, "").split(/[.[]/u)[0]!;
  if (name === "rotation_days" || name === "rotation_hours") return "length";
  return name in rosterSchema.def.shape ? (name as keyof RosterForm) : null;
}

/** The filter of the alert list, as it stands in the URL, in saved views and in calls. Pure. */
import type { paths } from "@/api/schema.gen";

/** Fields that can be included and left out, in the order in which the page names them. */
export const SPLIT = ["status", "severity", "service", "source", "cluster", "holder", "policy"] as const;
export type Split = (typeof SPLIT)[number];

/** Fields that links from elsewhere set; several values are alternatives, of labels every one must fit. */
const PLAIN = ["owner", "assignee", "label", "group", "fingerprint", "muted_by"] as const;
const INSTANTS = ["after", "before"] as const;
const SWITCHES = ["knowledge", "muted"] as const;

type Many = Split | `not_${Split}` | (typeof PLAIN)[number];
type One = (typeof INSTANTS)[number] | "q";
type Switch = (typeof SWITCHES)[number];

const MANY: readonly Many[] = [...SPLIT, ...SPLIT.map((field) => `not_${field}` as const), ...PLAIN];
const ONE: readonly One[] = ["q", ...INSTANTS];

/** What the list shows. One value of many stands alone in the URL, so that `?status=firing` can be typed. */
export type AlertFilter = { [field in Many]?: string | string[] } & { [field in One]?: string } & { [field in Switch]?: boolean };

export interface AlertSearch extends AlertFilter {
  /** `urgent` where it is not said. */
  sort?: "newest";
  /** The bulk job whose progress is shown. */
  job?: string;
}

/** Takes over what is a filter and drops the rest: a link that somebody typed must not break the page. */
export function toAlertSearch(given: Record<string, unknown>): AlertSearch {
  const search: AlertSearch = filterOf(given);
  if (given["sort"] === "newest") search.sort = "newest";
  if (typeof given["job"] === "string" && given["job"]) search.job = given["job"];
  return search;
}

/** The filter alone: what is kept in a view, and what a bulk job runs over. */
export function filterOf(given: Readonly<Record<string, unknown>> | AlertSearch): AlertFilter {
  const raw = given as Readonly<Record<string, unknown>>;
  const filter: AlertFilter = {};
  for (const field of MANY) {
    const values = textsOf(raw[field]).filter((value) => isKnown(field, value));
    if (values.length) filter[field] = values.length === 1 ? values[0]! : values;
  }
  for (const field of ONE) {
    const value = textsOf(raw[field])[0]?.trim();
    if (value && (field === "q" || !Number.isNaN(Date.parse(value)))) filter[field] = value;
  }
  for (const field of SWITCHES) {
    const value = textsOf(raw[field])[0];
    if (value === "true" || value === "false") filter[field] = value === "true";
  }
  return filter;
}

const CLOSED: Partial<Record<Split, readonly string[]>> = {
  status: ["firing", "acknowledged", "investigating", "resolved"],
  severity: ["critical", "major", "warning", "info"],
};

function isKnown(field: Many, value: string): boolean {
  return CLOSED[field.replace(/^not_/u, "") as Split]?.includes(value) ?? true;
}

/** Each once, as text: the router reads `?q=500` as a number. */
function textsOf(value: unknown): string[] {
  const all = Array.isArray(value) ? value : [value];
  return [...new Set(all.filter((each) => ["string", "number", "boolean"].includes(typeof each)).map(String))];
}

export function valuesOf(filter: AlertFilter, field: Many): readonly string[] {
  const value = filter[field];
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** The same list has the same key, however its filter was put together. */
export function keyOf(filter: AlertFilter): string {
  return JSON.stringify([...MANY.map((field) => [...valuesOf(filter, field)].sort()), ...ONE.map((field) => filter[field] ?? null), ...SWITCHES.map((field) => filter[field] ?? null)]);
}

export type Wanted = NonNullable<paths["/api/v1/alerts/facets"]["get"]["parameters"]["query"]>;

/** The filter as the API takes it: in the query of a list and in the body of a bulk job alike. */
export function wantedOf(filter: AlertFilter): Wanted {
  const many = MANY.map((field) => [field, valuesOf(filter, field)] as const).filter(([, values]) => values.length);
  const rest = [...ONE, ...SWITCHES].map((field) => [field, filter[field]] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...many, ...rest]);
}

/** What a saved view keeps: texts only. */
export function viewQueryOf(filter: AlertFilter): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(filterOf(filter)).map(([field, value]) => [field, typeof value === "boolean" ? String(value) : value]));
}

export type Stand = "in" | "out" | "free";

/** Whether a value is asked for, left out, or neither. */
export function standOf(filter: AlertFilter, field: Split, value: string): Stand {
  if (valuesOf(filter, field).includes(value)) return "in";
  return valuesOf(filter, `not_${field}`).includes(value) ? "out" : "free";
}

/** Puts a value where it is to stand; what is asked for is not left out at the same time. */
export function withStand(filter: AlertFilter, field: Split, value: string, stand: Stand): AlertFilter {
  const without = (name: Many) => valuesOf(filter, name).filter((each) => each !== value);
  const ins = stand === "in" ? [...without(field), value] : without(field);
  const outs = stand === "out" ? [...without(`not_${field}`), value] : without(`not_${field}`);
  return filterOf({ ...filter, [field]: ins, [`not_${field}`]: outs });
}

/** This value of the field and no other. */
export function withOnly(filter: AlertFilter, field: Split, value: string): AlertFilter {
  return filterOf({ ...filter, [field]: [value], [`not_${field}`]: [] });
}

export interface Chip {
  field: Many | One | Switch;
  isLeftOut: boolean;
  value: string;
  /** The filter without it. */
  rest: AlertFilter;
}

/** All that the filter says, one chip each, words first. */
export function chipsOf(filter: AlertFilter): Chip[] {
  const { q, ...noWords } = filter;
  const chips: Chip[] = q ? [{ field: "q", isLeftOut: false, value: q, rest: noWords }] : [];
  for (const field of MANY) {
    const values = valuesOf(filter, field);
    for (const value of values) {
      chips.push({ field, isLeftOut: field.startsWith("not_"), value, rest: filterOf({ ...filter, [field]: values.filter((each) => each !== value) }) });
    }
  }
  for (const field of [...SWITCHES, ...INSTANTS]) {
    if (filter[field] !== undefined) chips.push({ field, isLeftOut: false, value: String(filter[field]), rest: filterOf({ ...filter, [field]: undefined }) });
  }
  return chips;
}

/** The facets of the list: their names, and what stands for a value that has none. Pure. */
import type { Schema } from "@/api/client";

import { standOf, valuesOf, withOnly, withStand, filterOf, type AlertFilter, type Split, type Stand } from "./search";

type Facets = Schema["Facets"];
export type FacetField = Split | "knowledge";

export const FACETS: readonly FacetField[] = ["status", "severity", "service", "source", "cluster", "holder", "policy", "knowledge"];

const FIELDS: Record<string, string> = { holder: "owner", knowledge: "known fix", owner: "service owner", assignee: "assignee" };

export function nameOfField(field: string): string {
  return FIELDS[field] ?? field;
}

/** The value that stands for "none" in the URL, where a field may be missing. */
const NONE: Partial<Record<FacetField, string>> = { service: "", cluster: "", holder: "none", policy: "none" };

const NONE_WORDS: Record<string, string> = { service: "no service", cluster: "no cluster", holder: "nobody", policy: "no policy", assignee: "nobody" };

/** Names of ids, by field and value. What mutes is named by the alerts that it mutes. */
export type ValueNames = ReadonlyMap<string, string>;

export function namesOf(facets: Facets | undefined, alerts: Iterable<Pick<Schema["Alert"], "muted_by">> = []): ValueNames {
  const names = new Map<string, string>();
  for (const { muted_by } of alerts) if (muted_by) names.set(`muted_by ${muted_by.id}`, muted_by.name);
  if (!facets) return names;
  for (const field of FACETS) for (const { value, name } of facets[field]) if (value !== null && name) names.set(`${field} ${value}`, name);
  return names;
}

export function nameOfValue(field: string, value: string, names: ValueNames): string {
  if (value === "" || value === "none") return NONE_WORDS[field] ?? (value || "nothing");
  if (field === "knowledge") return value === "true" ? "known" : "not known";
  return names.get(`${field} ${value}`) ?? value;
}

export interface FacetRow {
  value: string;
  name: string;
  count: number;
  stand: Stand;
}

const ORDERS: Partial<Record<FacetField, readonly string[]>> = {
  status: ["firing", "acknowledged", "investigating", "resolved"],
  severity: ["critical", "major", "warning", "info"],
};

/** The rows of a facet. What is filtered stays though it counts nothing, so that it can be taken back. */
export function rowsOf(facets: Facets, field: FacetField, filter: AlertFilter, names: ValueNames): FacetRow[] {
  const counts = new Map<string, number>();
  for (const each of facets[field]) {
    const value = each.value ?? NONE[field];
    if (value !== undefined) counts.set(value, each.count);
  }
  const asked = field === "knowledge" ? (filter.knowledge === undefined ? [] : [String(filter.knowledge)]) : [...valuesOf(filter, field), ...valuesOf(filter, `not_${field}`)];
  for (const value of asked) if (!counts.has(value)) counts.set(value, 0);
  const rows = [...counts].map(([value, count]) => ({ value, count, name: nameOfValue(field, value, names), stand: standIn(filter, field, value) }));
  const order = ORDERS[field];
  return order ? rows.sort((a, b) => order.indexOf(a.value) - order.indexOf(b.value)) : rows;
}

function standIn(filter: AlertFilter, field: FacetField, value: string): Stand {
  if (field !== "knowledge") return standOf(filter, field, value);
  return filter.knowledge === undefined ? "free" : String(filter.knowledge) === value ? "in" : "out";
}

/** What a press on a value makes of the filter. */
export function pressed(filter: AlertFilter, field: FacetField, value: string, stand: Stand | "only"): AlertFilter {
  if (field === "knowledge") return filterOf({ ...filter, knowledge: stand === "free" ? undefined : (value === "true") === (stand !== "out") });
  return stand === "only" ? withOnly(filter, field, value) : withStand(filter, field, value, stand);
}

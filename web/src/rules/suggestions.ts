/** Labels and values that conditions are mostly about. Pure. */
import { SEVERITIES } from "@/ui/severity";

/** Label → its values, the most frequent first. */
export type Suggestions = ReadonlyMap<string, readonly string[]>;

interface Counted {
  value: string | null;
  count: number;
}

const MOST_VALUES = 50;

export function suggestionsFrom(facets: { source: readonly Counted[] }, alerts: ReadonlyArray<{ title: string; labels: Record<string, string> }>): Suggestions {
  const counts = new Map<string, Map<string, number>>();
  const count = (name: string, value: string) => {
    const values = counts.get(name) ?? new Map<string, number>();
    values.set(value, (values.get(value) ?? 0) + 1);
    counts.set(name, values);
  };
  for (const alert of alerts) {
    count("@title", alert.title);
    for (const [name, value] of Object.entries(alert.labels)) count(name, value);
  }
  const suggestions = new Map<string, readonly string[]>([
    ["@severity", SEVERITIES],
    ["@source", facets.source.flatMap(({ value }) => (value === null ? [] : [value]))],
  ]);
  for (const name of [...counts.keys()].sort()) {
    const values = [...counts.get(name)!].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
    suggestions.set(name, values.slice(0, MOST_VALUES).map(([value]) => value));
  }
  return suggestions;
}

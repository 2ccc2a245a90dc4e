/** An entry as a form has it: lists are texts, one value per line. Pure. */
import type { Incident, IncidentContent } from "./queries";

const LISTS = ["fingerprints", "tags", "services", "clusters", "namespaces", "error_patterns"] as const;
type List = (typeof LISTS)[number];

/** Lists whose values never hold a comma are typed with commas. */
const WITH_COMMAS: ReadonlySet<List> = new Set(["tags", "services", "clusters", "namespaces"]);

export type IncidentValues = Record<List | "title" | "severity" | "category" | "symptoms" | "root_cause" | "solution" | "postmortem_url" | "runbook_id", string>;

export function contentOf(incident: Incident | IncidentContent): IncidentContent {
  const { title, fingerprints, severity, category, tags, services, clusters, namespaces, symptoms, error_patterns, root_cause, solution, postmortem_url, runbook_id } = incident;
  return { title, fingerprints, severity, category, tags, services, clusters, namespaces, symptoms, error_patterns, root_cause, solution, postmortem_url, runbook_id };
}

export function valuesOf(incident: Incident | IncidentContent): IncidentValues {
  const content = contentOf(incident);
  const lists = Object.fromEntries(LISTS.map((name) => [name, (content[name] ?? []).join(WITH_COMMAS.has(name) ? ", " : "\n")])) as Record<List, string>;
  return {
    ...lists,
    title: content.title,
    severity: content.severity,
    category: content.category ?? "",
    symptoms: content.symptoms ?? "",
    root_cause: content.root_cause ?? "",
    solution: content.solution ?? "",
    postmortem_url: content.postmortem_url ?? "",
    runbook_id: content.runbook_id ?? "",
  };
}

export function contentFrom(values: IncidentValues): IncidentContent {
  const lists = Object.fromEntries(LISTS.map((name) => [name, listFrom(values[name], WITH_COMMAS.has(name) ? /[,\n]/u : /\n/u)])) as Record<List, string[]>;
  return {
    ...lists,
    title: values.title.trim(),
    severity: values.severity as IncidentContent["severity"],
    category: values.category.trim() || null,
    symptoms: values.symptoms,
    root_cause: values.root_cause,
    solution: values.solution,
    postmortem_url: values.postmortem_url.trim() || null,
    runbook_id: values.runbook_id || null,
  };
}

function listFrom(text: string, separator: RegExp): string[] {
  return [...new Set(text.split(separator).map((value) => value.trim()).filter(Boolean))];
}

export const NOTHING: IncidentValues = valuesOf({
  title: "", fingerprints: [], severity: "warning", category: null, tags: [], services: [], clusters: [], namespaces: [],
  symptoms: "", error_patterns: [], root_cause: "", solution: "", postmortem_url: null, runbook_id: null,
});

/** What the list is narrowed to: in the address, so that a link shows the same. Pure. */
import { SEVERITIES, type Severity } from "@/ui/severity";

import type { Incident } from "./queries";

export interface IncidentFilters {
  q?: string;
  severity?: Severity[];
  category?: string;
  service?: string;
  /** Active entries where it is missing. */
  status?: "archived" | "merged";
}

/** Reads an address; what it does not know it leaves out. */
export function readFilters(search: Record<string, unknown>): IncidentFilters {
  const text = (name: string) => (typeof search[name] === "string" && search[name].trim() ? search[name] : undefined);
  const given = Array.isArray(search["severity"]) ? search["severity"] : [search["severity"]];
  const severity = SEVERITIES.filter((each) => given.includes(each));
  const status = search["status"] === "archived" || search["status"] === "merged" ? search["status"] : undefined;
  const found = { q: text("q"), severity: severity.length > 0 ? [...severity] : undefined, category: text("category"), service: text("service"), status };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

export function isNarrowed({ severity, category, service, status }: IncidentFilters): boolean {
  return Boolean(severity ?? category ?? service ?? status);
}

/** Whether a hit passes: the search itself knows no filters. */
export function fits(incident: Pick<Incident, "severity" | "category" | "services" | "status">, filters: IncidentFilters): boolean {
  return (
    (!filters.severity || filters.severity.includes(incident.severity)) &&
    (!filters.category || incident.category === filters.category) &&
    (!filters.service || incident.services.includes(filters.service)) &&
    incident.status === (filters.status ?? "active")
  );
}

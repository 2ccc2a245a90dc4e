/** Single settings and parts of pages, which the palette leads to by name. Pure. */
import type { Role } from "@/session/me";

import { fits } from "./palette-words";

export interface PagePart {
  label: string;
  /** The page that it is on. */
  page: string;
  path: string;
  needs: Role;
}

type Row = readonly [path: string, ...labels: string[]];

function on(page: string, needs: Role, rows: readonly Row[]): PagePart[] {
  return rows.flatMap(([path, ...labels]) => labels.map((label) => ({ label, page, path, needs })));
}

export const PAGE_PARTS: readonly PagePart[] = [
  ...on("Settings", "readonly", [
    ["/settings?tab=reach", "Addresses", "Notifications in this browser"],
    ["/settings?tab=pages", "How you are paged", "Quiet hours"],
    ["/settings?tab=screen", "Theme", "Rows of lists", "Time zone", "First page", "Sounds", "Single keys"],
    ["/settings?tab=tokens", "Personal tokens"],
  ]),
  ...on("Rules", "readonly", [
    ["/rules?tab=routes", "Routes"],
    ["/rules?tab=silences", "Silences"],
    ["/rules?tab=windows", "Maintenance windows"],
    ["/rules?tab=grouping", "Grouping"],
    ["/rules?tab=inhibition", "Inhibition"],
  ]),
  ...on("Status and delivery", "readonly", [
    ["/status?tab=pages", "Pages"],
    ["/status?tab=rejected", "Rejected payloads"],
    ["/status?tab=letters", "Dead letters"],
    ["/status?tab=heartbeats", "Heartbeats"],
    ["/status?tab=endpoints", "Endpoints"],
    ["/status?tab=subscriptions", "Subscriptions"],
  ]),
  ...on("Administration", "manager", [
    ["/admin/users", "People"],
    ["/admin/keys", "API keys"],
    ["/admin/config", "Configuration"],
    ["/admin/sign-in", "Sign-in"],
    ["/admin/audit", "Audit log"],
    ["/admin/tenants", "Tenants"],
  ]),
];

/** Those that what was typed fits, by their own name or their page's, and that the caller is led to. */
export function partsFor(typed: string, mayBeLed: (needs: Role) => boolean, most: number): readonly PagePart[] {
  return PAGE_PARTS.filter(({ label, page, needs }) => mayBeLed(needs) && fits(typed, `${label} ${page}`)).slice(0, most);
}

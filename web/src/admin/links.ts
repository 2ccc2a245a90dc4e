/** Where what the audit log names is seen. Pure. */
const PAGES: Record<string, (id: string) => string> = {
  alert: (id) => `/alerts/${id}`,
  incident: (id) => `/incidents/${id}`,
  runbook: (id) => `/runbooks/${id}`,
  roster: (id) => `/rosters/${id}`,
  policy: (id) => `/policies/${id}`,
  user: (id) => `/admin/users/${id}`,
  alert_group: (id) => `/groups/${id}`,
};

/** A path of ours, or null where the entity has no page of its own. */
export function pageOf(entity: string, id: string | null): string | null {
  return id ? (PAGES[entity]?.(id) ?? null) : null;
}

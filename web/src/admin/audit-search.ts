/** The audit log's filter, as it stands in the address. Pure. */
export interface AuditSearch {
  actor?: string;
  action?: string;
  entity?: string;
  entity_id?: string;
  after?: string;
  before?: string;
}

const FIELDS = ["actor", "action", "entity", "entity_id", "after", "before"] as const;

export function auditSearch(search: Record<string, unknown>): AuditSearch {
  return Object.fromEntries(FIELDS.flatMap((field) => (typeof search[field] === "string" && search[field] !== "" ? [[field, search[field]]] : [])));
}

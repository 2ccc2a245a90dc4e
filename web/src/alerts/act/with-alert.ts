import type { Alert } from "./commands";

/**
 * Changes the alert in what a query keyed by `["alert", …]` holds: the alert itself, `{ items }`, or `{ pages }` of
 * these. What does not hold it stays the same object. Pure.
 */
export function withAlert(data: unknown, id: string, change: (alert: Alert) => Alert): unknown {
  if (Array.isArray(data)) {
    let isChanged = false;
    const next = data.map((each) => {
      const changed = withAlert(each, id, change);
      isChanged ||= changed !== each;
      return changed;
    });
    return isChanged ? next : data;
  }
  if (!data || typeof data !== "object") return data;
  if ("escalation_state" in data && "id" in data) return data.id === id ? change(data as Alert) : data;
  const place = "pages" in data ? "pages" : "items" in data ? "items" : null;
  if (!place) return data;
  const held = (data as Record<string, unknown>)[place];
  const next = withAlert(held, id, change);
  return next === held ? data : { ...data, [place]: next };
}

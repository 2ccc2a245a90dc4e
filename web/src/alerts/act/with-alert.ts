import type { Alert } from "./commands";

/**
 * Changes the alert in what a query holds: the alert itself, `{ items }`, `{ pages }` of these, or what is paged to
 * somebody. What does not hold it stays the same object. Pure.
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
  const place = ["pages", "items", "paged_to_me"].find((each) => each in data);
  if (!place) return data;
  const held = (data as Record<string, unknown>)[place];
  const next = withAlert(held, id, change);
  return next === held ? data : { ...data, [place]: next };
}

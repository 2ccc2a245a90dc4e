/** Every cached place that shows an alert, changed at once. */
import { queries } from "@/api/queries";

import type { Alert } from "./commands";
import { withAlert } from "./with-alert";

export function patchAlert(id: string, change: (alert: Alert) => Alert): void {
  for (const noun of ["alert", "now"]) queries.setQueriesData({ queryKey: [noun] }, (data: unknown) => withAlert(data, id, change));
}

/** The alert as some cached place has it. Cards of "paged to you" know less of it, and are asked last. */
export function heldAlert(id: string): Alert | undefined {
  let found: Alert | undefined;
  const note = (alert: Alert) => (found ??= alert);
  for (const noun of ["alert", "now"]) for (const [, data] of queries.getQueriesData({ queryKey: [noun] })) if (!found) withAlert(data, id, note);
  return found;
}

/** Takes over an answer, unless a newer revision is there already. */
export function putAlert(newest: Alert): void {
  patchAlert(newest.id, (held) => (held.version > newest.version ? held : { ...held, ...newest }));
}

/** Stops answers that are under way from undoing what the screen shows already. */
export function holdAlert(id: string): void {
  void queries.cancelQueries({ predicate: ({ queryKey, state }) => (queryKey[0] === "now" || (queryKey[0] === "alert" && (queryKey[1] === id || queryKey[1] === "list"))) && state.data !== undefined });
}

/** All about the alert is asked for anew. Lists keep their rows where they are until an event or a visit refreshes them. */
export function refreshAlert(id: string): void {
  void queries.invalidateQueries({ queryKey: ["alert", id] });
  void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "alert" && queryKey[1] !== id && queryKey[1] !== "list" });
  void queries.invalidateQueries({ queryKey: ["alert", "list"], refetchType: "none" });
  for (const noun of ["group", "now"]) void queries.invalidateQueries({ queryKey: [noun] });
}

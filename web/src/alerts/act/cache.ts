/** Every cached place that shows an alert, changed at once. */
import { queries } from "@/api/queries";

import type { Alert } from "./commands";
import { withAlert } from "./with-alert";

export function patchAlert(id: string, change: (alert: Alert) => Alert): void {
  queries.setQueriesData({ queryKey: ["alert"] }, (data: unknown) => withAlert(data, id, change));
}

/** Takes over an answer, unless a newer revision is there already. */
export function putAlert(newest: Alert): void {
  patchAlert(newest.id, (held) => (held.version > newest.version ? held : { ...held, ...newest }));
}

/** Stops answers that are under way from undoing what the screen shows already. */
export function holdAlert(id: string): void {
  void queries.cancelQueries({ predicate: ({ queryKey, state }) => queryKey[0] === "alert" && (queryKey[1] === id || queryKey[1] === "list") && state.data !== undefined });
}

/** All about the alert is asked for anew. Lists keep their rows where they are until an event or a visit refreshes them. */
export function refreshAlert(id: string): void {
  void queries.invalidateQueries({ queryKey: ["alert", id] });
  void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "alert" && queryKey[1] !== id && queryKey[1] !== "list" });
  void queries.invalidateQueries({ queryKey: ["alert", "list"], refetchType: "none" });
  void queries.invalidateQueries({ queryKey: ["group"] });
}

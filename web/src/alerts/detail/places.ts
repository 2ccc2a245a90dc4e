/** Where an alert is from, as far as it says, and the alerts from the same place. Pure. */
import type { Alert } from "@/alerts/act/commands";
import type { AlertFilter } from "@/alerts/filter/search";

interface AlertPlace {
  name: string;
  value: string;
  search: AlertFilter;
}

/** The largest first; what the alert says nothing of is left out. */
export function placesOf({ labels, source }: Pick<Alert, "labels" | "source">): readonly AlertPlace[] {
  const { cluster, namespace } = labels;
  return [
    ...(cluster ? [{ name: "Cluster", value: cluster, search: { cluster } }] : []),
    ...(namespace ? [{ name: "Namespace", value: namespace, search: { label: `namespace=${namespace}` } }] : []),
    { name: "Source", value: source, search: { source } },
  ];
}

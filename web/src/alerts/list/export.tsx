import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";

import { wantedOf, type AlertFilter } from "@/alerts/filter/search";
import { saveCsv } from "@/api/csv";
import { IconButton } from "@/ui/button";
import { toast } from "@/ui/toast";

import type { Sort } from "./queries";

/** The alerts of the filter as a CSV file, page by page as the API gives it, at most 10,000 rows. */
export function ListExport({ filter, sort }: { filter: AlertFilter; sort: Sort }) {
  const save = useMutation({
    mutationFn: () => {
      const query = new URLSearchParams({ sort });
      for (const [field, value] of Object.entries(wantedOf(filter))) for (const each of [value].flat()) query.append(field, String(each));
      return saveCsv("alerts.csv", "/api/v1/alerts", query);
    },
    onSuccess: ({ isCut }) => toast.done(isCut ? "Saved alerts.csv with the first 10,000 alerts" : "Saved alerts.csv"),
    onError: (error) => toast.failed(`No CSV: ${error.message}`),
  });
  return <IconButton label="Save as CSV" icon={<Download size={16} />} onClick={() => save.mutate()} disabled={save.isPending} aria-busy={save.isPending || undefined} />;
}

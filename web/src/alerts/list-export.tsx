import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";

import { Problem } from "@/api/client";
import { IconButton } from "@/ui/button";
import { toast } from "@/ui/toast";

import type { Sort } from "./list-queries";
import { wantedOf, type AlertFilter } from "./list-search";

const MOST_PAGES = 50;

/** The alerts of the filter as a CSV file, page by page as the API gives it, at most 10,000 rows. */
export function ListExport({ filter, sort }: { filter: AlertFilter; sort: Sort }) {
  const save = useMutation({
    mutationFn: () => csvOf(filter, sort),
    onSuccess: ({ text, isCut }) => {
      const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      const link = Object.assign(document.createElement("a"), { href: url, download: "alerts.csv" });
      link.click();
      URL.revokeObjectURL(url);
      toast.done(isCut ? "Saved alerts.csv with the first 10,000 alerts" : "Saved alerts.csv");
    },
    onError: (error) => toast.failed(`No CSV: ${error.message}`),
  });
  return <IconButton label="Save as CSV" icon={<Download size={16} />} onClick={() => save.mutate()} disabled={save.isPending} aria-busy={save.isPending || undefined} />;
}

async function csvOf(filter: AlertFilter, sort: Sort): Promise<{ text: string; isCut: boolean }> {
  const query = new URLSearchParams({ sort, limit: "200" });
  for (const [field, value] of Object.entries(wantedOf(filter))) for (const each of Array.isArray(value) ? value : [value]) query.append(field, String(each));
  let next: string | null = `/api/v1/alerts?${query}`;
  let text = "";
  for (let page = 0; next && page < MOST_PAGES; page += 1) {
    const answer: Response = await fetch(next, { headers: { Accept: "text/csv" } });
    if (!answer.ok) throw new Problem({ title: `NightOwl answered ${answer.status}`, status: answer.status, code: "csv", requestId: answer.headers.get("X-Request-ID") });
    const rows = await answer.text();
    // Each page has the heading; the file needs it once. It holds no line break.
    text += page === 0 ? rows : rows.slice(rows.indexOf("\n") + 1);
    next = /<([^>]+)>;\s*rel="next"/u.exec(answer.headers.get("Link") ?? "")?.[1] ?? null;
  }
  return { text, isCut: next !== null };
}

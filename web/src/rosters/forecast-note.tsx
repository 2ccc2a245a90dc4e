import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";

import { Failed } from "@/ui/panel";

import { forecastQuery } from "./queries";
import { many, spanWords } from "./words";

const KINDS = { gap: "that no roster is meant to cover", unassigned: "with nobody on call", unreachable: "in which who is on call has no address" } as const;

/** When nobody could be paged in the next 14 days; nothing when somebody always can. */
export function ForecastNote({ rosterId, zone }: { rosterId: string; zone: string }) {
  const query = useQuery(forecastQuery(rosterId));
  if (query.error && !query.data) return <Failed error={query.error} what="The forecast" onRetry={() => void query.refetch()} />;
  if (!query.data || query.data.holes.length === 0) return null;
  const kinds = (Object.keys(KINDS) as Array<keyof typeof KINDS>).map((kind) => ({ kind, holes: query.data.holes.filter((hole) => hole.kind === kind) })).filter(({ holes }) => holes.length);
  return (
    <ul className="grid gap-1 rounded-lg border border-warning bg-card p-4" aria-label="When nobody can be paged">
      {kinds.map(({ kind, holes: [first, ...rest] }) => (
        <li key={kind} className="flex items-start gap-2">
          <TriangleAlert size={16} aria-hidden className="mt-0.5 shrink-0 text-warning" />
          <span>
            {many(rest.length + 1, "span")} in 14 days {KINDS[kind]}, the first {spanWords(first!.starts_at, first!.ends_at, zone)}
            {first!.user && ` (${first!.user.display_name})`}.
          </span>
        </li>
      ))}
    </ul>
  );
}

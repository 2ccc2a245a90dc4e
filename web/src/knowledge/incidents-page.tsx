import { useInfiniteQuery, useQuery, type InfiniteData } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";

import type { Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Button, buttonClass } from "@/ui/button";
import { Page } from "@/ui/page";
import { Empty, Loaded } from "@/ui/panel";

import { EntriesDrawing } from "./drawing";
import { FilterBar } from "./filter-bar";
import { fits, isNarrowed, type IncidentFilters } from "./filters";
import { IncidentRow } from "./incident-row";
import { incidentsQuery, searchQuery, type Incident } from "./queries";
import { Transfer } from "./transfer";

export default function IncidentsPage() {
  const filters = useSearch({ from: "/shell/incidents" });
  const navigate = useNavigate({ from: "/incidents" });
  const isWriter = may(useMe(), "engineer");
  const list = useInfiniteQuery({ ...incidentsQuery(filters), enabled: !filters.q });
  const search = useQuery(searchQuery(filters.q ?? ""));
  const seen: readonly Incident[] = filters.q ? (search.data?.items.map((hit) => hit.incident) ?? []) : (list.data?.pages.flatMap((page) => page.items) ?? []);
  const known = { categories: distinct(seen.flatMap((each) => each.category ?? [])), services: distinct(seen.flatMap((each) => each.services)) };
  return (
    <Page
      title="Knowledge base"
      lead="Known problems, their causes, and what helped."
      actions={
        <>
          <Link to="/incidents/patterns" className={buttonClass("quiet")}>
            Test patterns
          </Link>
          <Transfer mayImport={isWriter} />
          {isWriter && (
            <Link to="/incidents/new" className={buttonClass("ack")}>
              <Plus size={16} aria-hidden /> New entry
            </Link>
          )}
        </>
      }
    >
      <FilterBar filters={filters} known={known} onChange={(next) => void navigate({ search: next, replace: true })} />
      <section aria-label="Entries" className="min-w-0 rounded-lg border bg-card">
        {filters.q ? (
          <Loaded query={search} what="The search">
            {(page) => <Hits page={page} filters={filters} />}
          </Loaded>
        ) : (
          <Loaded query={list} what="The knowledge base" lines={8} isEmpty={(data) => data.pages[0]!.total === 0} empty={<Nothing filters={filters} isWriter={isWriter} />}>
            {(data) => <Entries data={data} isBusy={list.isFetchingNextPage} onMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined} />}
          </Loaded>
        )}
      </section>
    </Page>
  );
}

function Entries({ data, isBusy, onMore }: { data: InfiniteData<Schema["IncidentPage"]>; isBusy: boolean; onMore: (() => void) | undefined }) {
  const items = data.pages.flatMap((page) => page.items);
  const { total } = data.pages[0]!;
  return (
    <>
      <p className="border-b px-4 py-2 text-xs text-muted">{total === 1 ? "1 entry" : `${total} entries`}, newest first</p>
      <ul>
        {items.map((incident) => (
          <IncidentRow key={incident.id} incident={incident} />
        ))}
      </ul>
      {onMore && (
        <div className="border-t p-3 text-center">
          <Button onClick={onMore} isBusy={isBusy}>
            Show more ({total - items.length} left)
          </Button>
        </div>
      )}
    </>
  );
}

function Hits({ page, filters }: { page: Schema["SearchPage"]; filters: IncidentFilters }) {
  const hits = page.items.filter((hit) => fits(hit.incident, filters));
  const hidden = page.items.length - hits.length;
  const count = `${hits.length}${page.is_total_capped || page.next_cursor ? "+" : ""}`;
  return (
    <>
      <p role="status" className="border-b px-4 py-2 text-xs text-muted">
        {hits.length === 1 ? `${count} hit` : `${count} hits`}, best first
        {hidden > 0 && `; ${hidden} hidden by the filters`}
        {filters.status && "; a search finds active entries alone"}
      </p>
      {hits.length === 0 ? (
        <Empty title={`Nothing known about "${filters.q}"`}>{hidden > 0 ? "Clear the filters to see the other hits." : "Try fewer words. The last one may be cut short."}</Empty>
      ) : (
        <ul>
          {hits.map((hit) => (
            <IncidentRow key={hit.incident.id} incident={hit.incident} highlights={hit.highlights} />
          ))}
        </ul>
      )}
    </>
  );
}

function Nothing({ filters, isWriter }: { filters: IncidentFilters; isWriter: boolean }) {
  if (isNarrowed(filters)) return <Empty title="No entry fits these filters">Clear one of them to see more.</Empty>;
  return (
    <Empty
      title="Nothing is known yet"
      drawing={<EntriesDrawing />}
      action={
        isWriter && (
          <Link to="/incidents/new" className={buttonClass("ack")}>
            Write the first entry
          </Link>
        )
      }
    >
      An entry says what a problem looks like, why it happens and what helps. The next alert about it shows the solution. An entry can also be made from an alert, or come from an import.
    </Empty>
  );
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort((a, b) => a.localeCompare(b));
}

import { Button } from "./button";

interface MoreProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  shown: number;
  total: string | number;
}

/** The end of a list that comes page by page: how much of it is here, and the rest. */
export function More({ query, shown, total }: MoreProps) {
  return (
    <div className="flex flex-wrap items-center gap-3 pt-3 text-muted">
      <span role="status">
        {shown} of {total}
      </span>
      {query.hasNextPage && (
        <Button onClick={() => void query.fetchNextPage()} isBusy={query.isFetchingNextPage}>
          Show more
        </Button>
      )}
    </div>
  );
}

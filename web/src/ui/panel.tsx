/** A box with a heading, and the five ways in which what it shows may not be there. */
import type { UseQueryResult } from "@tanstack/react-query";
import { clsx } from "clsx";
import type { ReactNode } from "react";
import { useId } from "react";

import { Problem } from "@/api/client";
import { Ago } from "@/time/time";

import { Button } from "./button";

interface PanelProps {
  title: ReactNode;
  /** Small, beside the title. */
  actions?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Panel({ title, actions, className, children }: PanelProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={clsx("min-w-0 rounded-lg border bg-card", className)}>
      <div className="flex flex-wrap items-center justify-between gap-2 px-4 pt-3">
        <h2 id={id}>{title}</h2>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      <div className="p-4 pt-3">{children}</div>
    </section>
  );
}

interface LoadedProps<T> {
  query: Pick<UseQueryResult<T>, "data" | "error" | "isPending" | "isFetching" | "refetch" | "dataUpdatedAt">;
  /** What is shown, in words for the error: "The rosters". */
  what: string;
  /** Whether there is nothing; `empty` is shown then. */
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  /** Lines of the skeleton while it loads. */
  lines?: number;
  children: (data: T) => ReactNode;
}

/**
 * Shows a query's answer, or says which of these it is: loading, empty, failed, forbidden, or old because the newest
 * call failed. Empty and failed never look alike.
 */
export function Loaded<T>({ query, what, isEmpty, empty, lines = 3, children }: LoadedProps<T>) {
  if (query.data !== undefined) {
    const stale = query.error ? <Stale query={query} what={what} /> : null;
    return (
      <>
        {stale}
        {isEmpty?.(query.data) ? empty : children(query.data)}
      </>
    );
  }
  if (query.error) return <Failed error={query.error} what={what} onRetry={() => void query.refetch()} isRetrying={query.isFetching} />;
  return <Skeleton lines={lines} what={what} />;
}

export function Skeleton({ lines = 3, what = "This" }: { lines?: number; what?: string }) {
  return (
    <div role="status" className="grid gap-3 py-1">
      <span className="sr-only">{what}: loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} aria-hidden className="h-4 animate-pulse rounded bg-raised" style={{ width: `${92 - ((line * 23) % 45)}%` }} />
      ))}
    </div>
  );
}

export function Failed({ error, what, onRetry, isRetrying = false }: { error: Error; what: string; onRetry?: () => void; isRetrying?: boolean }) {
  const problem = error instanceof Problem ? error : null;
  if (problem?.isForbidden)
    return (
      <div role="note" className="rounded-md border border-dashed border-control p-4">
        <p className="font-medium">{what}: not for your role</p>
        <p className="text-muted">{problem.detail || "Ask an admin of your tenant."}</p>
      </div>
    );
  return (
    <div role="alert" className="rounded-md border border-danger p-4">
      <p className="font-medium text-danger">{what} could not be loaded</p>
      <p className="wrap-anywhere">{error.message}</p>
      {problem?.requestId && (
        <p className="text-xs text-muted">
          Request <code className="font-mono wrap-anywhere">{problem.requestId}</code>
        </p>
      )}
      {onRetry && (
        <Button className="mt-3" onClick={onRetry} isBusy={isRetrying}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** What is shown is old: the newest call failed. `Loaded` says it by itself. */
export function Stale({ query, what }: { query: { dataUpdatedAt: number; refetch: () => unknown }; what: string }) {
  return (
    <p role="status" className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border border-warning px-3 py-1.5 text-warning">
      <span>
        {what} as of <Ago at={new Date(query.dataUpdatedAt).toISOString()} />: the newest call failed.
      </span>
      <button type="button" className="link target text-warning" onClick={() => void query.refetch()}>
        Try again
      </button>
    </p>
  );
}

/** Nothing is here: says so, and offers the next step. `drawing` pictures what would be here. */
export function Empty({ title, children, action, drawing }: { title: string; children?: ReactNode; action?: ReactNode; drawing?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-2 px-4 py-8 text-center">
      {drawing && <div aria-hidden>{drawing}</div>}
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-prose text-muted">{children}</div>}
      {action}
    </div>
  );
}

/**
 * The cache of what the server said.
 *
 * A query's key begins with the noun that events name (`alert`, `group`, `incident`, `roster`, `policy`, `rule`,
 * `delivery`, `oncall`, `config`), so that `live/` can tell what an event makes stale.
 */
import { QueryClient } from "@tanstack/react-query";

import { Problem } from "./client";

const TRIES = 3;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => error instanceof Problem && error.isPassing && failures < TRIES - 1,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4_000),
    },
    mutations: { retry: false },
  },
});

/** Brings the cache to what events tell, in batches, and asks anew for what they do not tell. */
import type { QueryClient } from "@tanstack/react-query";

import { alertOf, type LiveEvent } from "./event";
import { changesOf, movedBetween, patchAll, type Changes } from "./patch";
import { derivedOf, isHit, nameOf, targetsOf, type Target } from "./stale";

export const BATCH_MS = 250;
/** Above this many events in a batch (200 a second) patching would cost more than asking anew. */
export const MOST_PATCHED = 50;
/** The same is asked for anew no more often. */
export const ASK_MS = 700;

export class Applier {
  readonly #queries: QueryClient;
  #waiting: LiveEvent[] = [];
  #batchTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #due = new Map<string, Target>();
  readonly #askedAt = new Map<string, number>();
  #askTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  take(events: readonly LiveEvent[]): void {
    this.#waiting.push(...events);
    this.#batchTimer ??= setTimeout(() => this.#applyBatch(), BATCH_MS);
  }

  /** Asks anew for everything that is shown; what is not shown counts as old. Settles when the answers are there. */
  async catchUp(): Promise<void> {
    this.#forget();
    // A first answer that is on its way may be older than now, and cannot be told to start over.
    const underWay = this.#queries.getQueryCache().findAll({ fetchStatus: "fetching" }).filter((query) => query.state.data === undefined);
    await Promise.allSettled(underWay.map((query) => query.promise));
    await this.#queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
  }

  close(): void {
    this.#forget();
  }

  #forget(): void {
    clearTimeout(this.#batchTimer);
    clearTimeout(this.#askTimer);
    [this.#waiting, this.#batchTimer, this.#askTimer] = [[], undefined, undefined];
    this.#due.clear();
  }

  #applyBatch(): void {
    const events = this.#waiting;
    [this.#waiting, this.#batchTimer] = [[], undefined];
    if (events.length > MOST_PATCHED) for (const event of events) this.#want({ noun: event.noun, of: "all" }, ...derivedOf(event));
    else {
      const moved = this.#patch(changesOf(events));
      for (const event of events) this.#want(...targetsOf(event, moved.has(alertOf(event)?.alert_id ?? "")));
    }
    this.#ask();
  }

  /** Patches, and tells which alerts have changed their place: status or severity are other than a list holds. */
  #patch(changes: Changes): ReadonlySet<string> {
    const moved = new Set<string>();
    for (const query of this.#queries.getQueryCache().findAll()) {
      const data: unknown = query.state.data;
      const patched = patchAll(data, changes);
      if (patched === data) continue;
      for (const id of movedBetween(data, patched)) moved.add(id);
      // Only the data: the answer is no newer than before, and a failed or an old one stays so.
      query.setState({ ...query.state, data: patched });
    }
    return moved;
  }

  #want(...targets: readonly Target[]): void {
    for (const target of targets) this.#due.set(nameOf(target), target);
  }

  #ask(): void {
    const now = Date.now();
    const ready = [...this.#due.values()].filter((target) => (this.#askedAt.get(nameOf(target)) ?? -Infinity) + ASK_MS <= now && !this.#isUnderWay(target));
    for (const target of ready) {
      this.#due.delete(nameOf(target));
      this.#askedAt.set(nameOf(target), now);
    }
    if (ready.length > 0) void this.#queries.invalidateQueries({ predicate: ({ queryKey }) => ready.some((target) => isHit(queryKey, target)) });
    for (const [name, at] of this.#askedAt) if (at + ASK_MS <= now) this.#askedAt.delete(name);
    clearTimeout(this.#askTimer);
    this.#askTimer = this.#due.size > 0 ? setTimeout(() => this.#ask(), BATCH_MS) : undefined;
  }

  /** Whoever asks again before the answer came might never get one. */
  #isUnderWay(target: Target): boolean {
    return this.#queries.isFetching({ predicate: ({ queryKey }) => isHit(queryKey, target) }) > 0;
  }
}

/** Keeps one tab's cache equal to the server: the shared stream, the batches, the polls, and the word for all that. */
import type { QueryClient } from "@tanstack/react-query";

import { Problem } from "@/api/client";
import { meQuery } from "@/session/me-query";
import { serverNow } from "@/time/clock";

import { Applier } from "./apply";
import { SharedStream } from "./share";
import { stateOf, type Facts, type Flow, type LiveState } from "./state";
import { watchWake } from "./wake";

export const POLL_MS = 10_000;

export class Live {
  readonly #queries: QueryClient;
  readonly #applier: Applier;
  readonly #stream: SharedStream;
  readonly #stopWaking: () => void;
  readonly #pollTimer: ReturnType<typeof setInterval>;
  readonly #onState: (state: LiveState) => void;
  #facts: Facts = { flow: { is: "opening" }, isCaughtUp: true, currentAt: null, hasPollFailed: false };
  /** How often it was begun to catch up, and whether that is under way. Only the last one counts. */
  #turn = 0;
  #isCatchingUp = false;
  #isPolling = false;
  #isClosed = false;

  constructor(queries: QueryClient, name: string, onState: (state: LiveState) => void) {
    this.#queries = queries;
    this.#onState = onState;
    this.#applier = new Applier(queries);
    this.#stream = new SharedStream(name, { onEvents: (events) => this.#applier.take(events), onFlow: (flow) => this.#onFlow(flow) });
    this.#stopWaking = watchWake(() => this.#onWake());
    this.#pollTimer = setInterval(() => void this.#poll(), POLL_MS);
  }

  get isLeader(): boolean {
    return this.#stream.isLeader;
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#pollTimer);
    this.#stopWaking();
    this.#stream.close();
    this.#applier.close();
  }

  #onFlow(flow: Flow): void {
    const before = stateOf(this.#facts).is;
    if (flow.is !== "flowing" && before === "live") this.#learn({ currentAt: serverNow(), hasPollFailed: false });
    this.#learn({ flow });
    // Whether polling helps is known only once it was tried.
    if (before !== "polling" && before !== "stale") void this.#poll();
    const isTold = flow.is === "flowing" && flow.isWhole && (this.#facts.isCaughtUp || this.#isCatchingUp);
    if (flow.is === "flowing" && !isTold) void this.#catchUp();
  }

  /** First asked anew, then live. */
  #onWake(): void {
    void this.#catchUp();
    this.#stream.restart();
  }

  async #catchUp(): Promise<void> {
    const turn = ++this.#turn;
    this.#isCatchingUp = true;
    this.#learn({ isCaughtUp: false });
    await this.#applier.catchUp();
    if (turn !== this.#turn) return;
    this.#isCatchingUp = false;
    this.#learn({ isCaughtUp: true });
  }

  async #poll(): Promise<void> {
    const { is } = stateOf(this.#facts);
    if (this.#isPolling || (is !== "polling" && is !== "stale")) return;
    this.#isPolling = true;
    try {
      await this.#queries.fetchQuery({ ...meQuery, staleTime: 0, retry: false });
      await this.#applier.catchUp();
      this.#learn({ hasPollFailed: false, currentAt: serverNow() });
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.#learn({ flow: { is: "refused" } });
      else this.#learn({ hasPollFailed: true });
    } finally {
      this.#isPolling = false;
    }
  }

  #learn(more: Partial<Facts>): void {
    if (this.#isClosed) return;
    this.#facts = { ...this.#facts, ...more };
    this.#onState(stateOf(this.#facts));
  }
}

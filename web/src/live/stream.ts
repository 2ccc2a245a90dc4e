/**
 * The event stream, held open.
 *
 * It is read with `fetch`, not with EventSource: that one cannot say where to go on once a restarting server has refused
 * it, hides a 401, and does not show the comments that tell a quiet stream from a dead one.
 */
import { serverNow } from "@/time/clock";

import { readEvent, type LiveEvent } from "./event";
import { MessageReader, type Message } from "./sse";
import { waitMs, type Flow } from "./state";

const URL = "/api/v1/stream";
/** Nothing that is shown was asked for before the page began: whoever has heard no event yet is told all since then. */
const since = (): string => new Date(serverNow() - performance.now()).toISOString();
/** The server says something at least every 12 s. */
const SILENCE_MS = 30_000;

export interface Listener {
  onEvents(events: readonly LiveEvent[]): void;
  onFlow(flow: Flow): void;
  /** Something was heard. */
  onBeat(): void;
}

export class Stream {
  readonly #listener: Listener;
  #lastId: string | null;
  #failures = 0;
  #isWhole = true;
  #isClosed = false;
  #isHurried = false;
  #open: AbortController | undefined;
  #wake: (() => void) | undefined;

  /** `lastId`: the last event that was seen, if any; the stream goes on behind it. */
  constructor(listener: Listener, lastId: string | null) {
    this.#listener = listener;
    this.#lastId = lastId;
    void this.#run();
  }

  /** Opens it anew at once: the old connection may be dead without knowing. */
  restart(): void {
    this.#failures = 0;
    this.#isHurried = true;
    this.#open?.abort();
    this.#wake?.();
  }

  close(): void {
    this.#isClosed = true;
    this.#open?.abort();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const isRefused = await this.#listen();
      if (this.#isClosed) return;
      if (isRefused) {
        this.#isClosed = true;
        this.#listener.onFlow({ is: "refused" });
        return;
      }
      if (this.#isHurried) {
        this.#isHurried = false;
        continue;
      }
      this.#failures += 1;
      const wait = waitMs(this.#failures, Math.random());
      this.#listener.onFlow({ is: "broken", failures: this.#failures, retryAt: serverNow() + wait });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, wait);
      });
      this.#isHurried = false;
    }
  }

  /** Listens until it ends, for whatever reason; true when the session is over. */
  async #listen(): Promise<boolean> {
    const open = new AbortController();
    this.#open = open;
    const watch = new Watch(() => open.abort());
    try {
      const [url, headers]: [string, HeadersInit] = this.#lastId === null ? [`${URL}?since=${since()}`, {}] : [URL, { "Last-Event-ID": this.#lastId }];
      const answer = await fetch(url, { headers, signal: open.signal, cache: "no-store", credentials: "same-origin" });
      if (answer.status === 401) return true;
      if (!answer.ok || !answer.body) return false;
      this.#isWhole = true; // or `resync` says that it is not
      const reader = new MessageReader();
      for await (const piece of textOf(answer.body)) {
        watch.heard();
        this.#listener.onBeat();
        this.#tell(reader.feed(piece));
      }
    } catch {
      // Aborted, cut or unreachable: the caller tells it as `broken` and tries again.
    } finally {
      watch.stop();
    }
    return false;
  }

  #tell(messages: readonly Message[]): void {
    const events: LiveEvent[] = [];
    const hand = () => events.length > 0 && this.#listener.onEvents(events.splice(0));
    for (const message of messages) {
      if (message.event === "resync") this.#isWhole = false;
      else if (message.event === "ready" || message.event === "lost") {
        hand();
        this.#turn(message.event);
      } else {
        this.#lastId = message.id ?? this.#lastId;
        try {
          events.push(readEvent(message));
        } catch (error) {
          // An event that this version cannot read is a gap: everything is asked for anew.
          console.error("an event could not be read", error);
          hand();
          this.#listener.onFlow({ is: "flowing", isWhole: false });
        }
      }
    }
    hand();
  }

  #turn(word: "ready" | "lost"): void {
    this.#listener.onFlow(word === "lost" ? { is: "standing" } : { is: "flowing", isWhole: this.#isWhole });
    if (word === "ready") [this.#failures, this.#isWhole] = [0, true];
  }
}

/** Calls when nothing was heard for too long. */
class Watch {
  #heardAt = Date.now();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(onSilence: () => void) {
    this.#timer = setInterval(() => Date.now() - this.#heardAt > SILENCE_MS && onSilence(), SILENCE_MS / 6);
  }
  heard(): void {
    this.#heardAt = Date.now();
  }
  stop(): void {
    clearInterval(this.#timer);
  }
}

async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield decoder.decode(read.value, { stream: true });
  } finally {
    reader.releaseLock();
  }
}

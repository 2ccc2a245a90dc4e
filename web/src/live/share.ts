/**
 * One stream for all tabs of a person: browsers allow few connections to one host, and the API few streams to one caller.
 *
 * The tab that has the lock holds the stream and tells the others. When it goes, the browser gives the lock to the next
 * one, which goes on behind the last event that it heard. Where there are no locks or channels, each tab has its own.
 */
import type { LiveEvent } from "./event";
import type { Flow } from "./state";
import { Stream, type Listener } from "./stream";

type Word = { is: "events"; events: readonly LiveEvent[] } | { is: "flow"; flow: Flow } | { is: "beat"; flow: Flow } | { is: "hello" };

/** Twice the server's beat and more: the tab that holds the stream is frozen or gone. */
const SILENCE_MS = 40_000;

export interface SharedListener {
  onEvents(events: readonly LiveEvent[]): void;
  onFlow(flow: Flow): void;
}

export class SharedStream {
  readonly #listener: SharedListener;
  readonly #channel: BroadcastChannel | null;
  readonly #leaving = new AbortController();
  #stream: Stream | null = null;
  #flow: Flow = { is: "opening" };
  #lastId: string | null = null;
  #heardAt = Date.now();
  readonly #watch: ReturnType<typeof setInterval>;

  /** `name`: the same for all tabs of one person. */
  constructor(name: string, listener: SharedListener) {
    this.#listener = listener;
    const canShare = "locks" in navigator && "BroadcastChannel" in window;
    this.#channel = canShare ? new BroadcastChannel(name) : null;
    this.#watch = setInterval(() => this.#look(), SILENCE_MS / 8);
    if (!this.#channel) {
      this.#lead();
      return;
    }
    this.#channel.addEventListener("message", ({ data }: MessageEvent<Word>) => this.#hear(data));
    this.#say({ is: "hello" });
    const { signal } = this.#leaving;
    const held = navigator.locks.request(name, { signal }, async () => {
      // It may have come in the moment of leaving; kept then, it would be nobody's for ever.
      if (signal.aborted) return;
      this.#lead();
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    });
    // Leaving before the lock was ours is no failure; anything else is: then this tab listens for itself.
    held.catch(() => signal.aborted || this.#lead());
  }

  /** Whether this tab holds the stream: what must happen once for all tabs is done here. */
  get isLeader(): boolean {
    return this.#stream !== null;
  }

  /** The machine slept or changed its network. */
  restart(): void {
    this.#heardAt = Date.now();
    this.#stream?.restart();
    if (!this.#stream) this.#say({ is: "hello" });
  }

  close(): void {
    this.#leaving.abort();
    this.#stream?.close();
    this.#stream = null;
    clearInterval(this.#watch);
    this.#channel?.close();
  }

  #lead(): void {
    if (this.#leaving.signal.aborted || this.#stream) return;
    const told: Listener = {
      onEvents: (events) => {
        this.#say({ is: "events", events });
        this.#listener.onEvents(events);
      },
      onFlow: (flow) => {
        this.#say({ is: "flow", flow });
        this.#turn(flow);
      },
      onBeat: () => this.#say({ is: "beat", flow: this.#flow }),
    };
    this.#stream = new Stream(told, this.#lastId);
  }

  #hear(word: Word): void {
    if (word.is === "hello") {
      if (this.#stream) this.#say({ is: "beat", flow: this.#flow });
      return;
    }
    this.#heardAt = Date.now();
    const isLate = this.#flow.is === "opening";
    if (word.is === "events") {
      // The first that a late one hears need not be the first that it missed.
      if (!isLate) this.#lastId = word.events.at(-1)?.id ?? this.#lastId;
      this.#listener.onEvents(word.events);
    } else if (word.is === "flow" && !isLate) this.#turn(word.flow);
    // Whoever came late has asked before it heard, and asks again.
    else if (word.flow.is !== this.#flow.is) this.#turn(word.flow.is === "flowing" ? { is: "flowing", isWhole: false } : word.flow);
  }

  #turn(flow: Flow): void {
    this.#flow = flow;
    this.#listener.onFlow(flow);
  }

  #look(): void {
    if (!this.#stream && this.#flow.is !== "silent" && this.#flow.is !== "opening" && Date.now() - this.#heardAt > SILENCE_MS) this.#turn({ is: "silent" });
  }

  #say(word: Word): void {
    this.#channel?.postMessage(word);
  }
}

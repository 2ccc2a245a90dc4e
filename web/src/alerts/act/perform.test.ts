import { beforeEach, describe, expect, it, vi } from "vitest";

const { shelf, net } = vi.hoisted(() => {
  const shelf = new Map<string, string>();
  const page = Object.assign(new EventTarget(), { location: { origin: "http://owl.test" } });
  const localStorage = { getItem: (key: string) => shelf.get(key) ?? null, setItem: (key: string, value: string) => void shelf.set(key, value), removeItem: (key: string) => void shelf.delete(key) };
  const net: { fetch: (request: Request) => Promise<Response> } = { fetch: () => Promise.reject(new Error("no server yet")) };
  for (const [name, value] of Object.entries({ window: page, localStorage, fetch: (request: Request) => net.fetch(request) })) Object.defineProperty(globalThis, name, { value, configurable: true });
  return { shelf, net };
});

const { told } = vi.hoisted(() => ({ told: [] as string[] }));
vi.mock("@/ui/toast", () => ({ toast: { done: (text: string) => void told.push(text), failed: (text: string) => void told.push(text) } }));

import type { Alert, Seen } from "./commands";
import { doerOf, perform, sendKept, takeBack } from "./perform";
import { KEPT_MS, readUnsent } from "./unsent-queue";

const ME = { tenant: "acme", via: "session", user_id: "u1", name: "Alice" } as const;
const SEEN: Seen = { id: "a1", title: "Disk full", status: "firing", escalation_state: "pending", snoozed_until: null, assignee: null, resolution: null, acknowledged_at: null, acknowledged_by: null, version: 3 };

/** The server, as far as one alert goes: it counts, and what it answers may be lost on its way. */
let alert: Alert;
let calls: string[];
let network: "there" | "gone" | "answers are lost" | "gateway only";

const problem = (status: number) => Response.json({ title: "No", status, code: "no" }, { status });

async function serve(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname.replace("/api/v1/alerts/a1", "");
  if (network === "gone") throw new TypeError("fetch failed");
  if (network === "gateway only") return problem(502);
  calls.push(`${request.method} ${path || "/"}`);
  if (request.method === "GET") return Response.json(alert);
  if (request.headers.get("If-Match") !== `"${alert.version}"`) return problem(412);
  const by = { kind: "user", id: "u1", name: "Alice" } as const;
  if (path === "/acknowledge") alert = { ...alert, status: "acknowledged", escalation_state: "stopped", acknowledged_by: by, version: alert.version + 1 };
  if (path === "/unacknowledge") alert = { ...alert, status: "firing", escalation_state: "pending", acknowledged_by: null, version: alert.version + 1 };
  if (path === "/resolve") alert = { ...alert, status: "resolved", resolved_by: by, version: alert.version + 1 };
  if (network === "answers are lost") throw new TypeError("fetch failed");
  return Response.json(alert);
}

let isLocked: boolean;
const locks = {
  request: async (_: string, __: unknown, task: (lock: object | null) => Promise<void>) => {
    if (isLocked) return task(null);
    isLocked = true;
    await task({}).finally(() => (isLocked = false));
  },
};
const browser = { onLine: true, locks };

beforeEach(() => {
  shelf.clear();
  told.length = 0;
  [alert, calls, network, isLocked, browser.onLine] = [{ ...SEEN } as Alert, [], "there", false, true];
  vi.stubGlobal("navigator", browser);
  net.fetch = serve;
});

const kept = () => readUnsent(shelf.get("nightowl.unsent") ?? null);
const acknowledge = () => perform(SEEN, { verb: "acknowledge" }, doerOf(ME));

describe("an acknowledgement", () => {
  it("without a network is kept, once however often it is pressed, and sent once when the way is back", async () => {
    browser.onLine = false;
    expect([await acknowledge(), await acknowledge()]).toEqual([null, null]);
    expect(told).toEqual(Array(2).fill("Acknowledging “Disk full”: not yet sent, escalation continues"));
    expect([calls, kept().map((each) => [each.alert.id, each.command.verb, each.owner])]).toEqual([[], [["a1", "acknowledge", "acme.u1"]]]);
    browser.onLine = true;
    await Promise.all([sendKept(ME), sendKept(ME)]);
    await sendKept(ME);
    expect([calls, kept(), alert.status]).toEqual([["PATCH /acknowledge"], [], "acknowledged"]);
  });

  it("is kept while only the gateway answers, and tried again without a word until it is sent", async () => {
    network = "gateway only";
    await acknowledge();
    await sendKept(ME);
    expect([calls, kept().length]).toEqual([[], 1]);
    network = "there";
    await sendKept(ME);
    expect([alert.status, kept()]).toEqual(["acknowledged", []]);
  });

  it("whose answer was lost is not done a second time", async () => {
    network = "answers are lost";
    await acknowledge();
    expect([alert.version, kept().length]).toEqual([4, 1]);
    network = "there";
    await sendKept(ME);
    expect([calls, alert.version, kept()]).toEqual([["PATCH /acknowledge", "PATCH /acknowledge", "GET /"], 4, []]);
    expect(told.at(-1)).toBe("Acknowledged “Disk full”: nobody else will be paged");
  });

  it("that is refused is off the list: somebody else had it by then", async () => {
    browser.onLine = false;
    await acknowledge();
    browser.onLine = true;
    alert = { ...alert, status: "acknowledged", acknowledged_by: { kind: "user", id: "u2", name: "Bob" }, version: 9 };
    await sendKept(ME);
    expect([alert.version, kept(), told.at(-1)]).toEqual([9, [], "Acknowledging “Disk full” failed: Bob has it by now"]);
  });

  it("goes with whoever gave it, and not after half a day", async () => {
    browser.onLine = false;
    await acknowledge();
    browser.onLine = true;
    await sendKept({ ...ME, user_id: "u2", name: "Bob" });
    expect(kept().length).toBe(1);
    shelf.set("nightowl.unsent", JSON.stringify(kept().map((each) => ({ ...each, at: each.at - KEPT_MS - 1 }))));
    await sendKept(ME);
    expect([calls, kept()]).toEqual([[], []]);
  });
});

it("what follows for the same alert waits behind, and is sent upon the answer to it", async () => {
  browser.onLine = false;
  await acknowledge();
  browser.onLine = true;
  await perform(SEEN, { verb: "resolve", resolution: "x" }, doerOf(ME));
  expect(kept().map((each) => each.command.verb)).toEqual(["acknowledge", "resolve"]);
  await sendKept(ME);
  expect([calls, alert.status, kept()]).toEqual([["PATCH /acknowledge", "PATCH /resolve"], "resolved", []]);
});

it("an undo of several steps is kept whole: half of it would leave the alert with somebody", async () => {
  alert = { ...alert, escalation_state: "snoozed", snoozed_until: "2026-11-26T09:00:00Z" };
  network = "gone";
  expect(await takeBack(alert, SEEN, { verb: "snooze", until: "2026-11-26T09:00:00Z" }, doerOf(ME))).toBe(false);
  expect(kept().map((each) => each.command.verb)).toEqual(["acknowledge", "unacknowledge"]);
  network = "there";
  await sendKept(ME);
  expect([calls, alert.status, kept()]).toEqual([["PATCH /acknowledge", "PATCH /unacknowledge"], "firing", []]);
});

it("a list that somebody else wrote is none", () => {
  expect([readUnsent("{"), readUnsent('{"a":1}'), readUnsent('[1,{"key":"k"}]'), readUnsent(null)]).toEqual([[], [], [], []]);
});

/** The service worker, as the browser runs it, with a browser made of notes. */
import { readFileSync } from "node:fs";

import { beforeEach, describe, expect, it, vi } from "vitest";

const SOURCE = readFileSync(new URL("../../public/sw.js", import.meta.url), "utf8");
const PAGE = { delivery_id: "d1", tag: "a1", title: "CRITICAL payments: high error rate", body: "5 %", open: "/alerts/a1", token: "acme.d1.ack.mac", is_urgent: true };

type Handler = (event: object) => void;
interface Shown {
  title: string;
  body: string;
  tag: string;
  renotify: boolean;
  requireInteraction: boolean;
  data: typeof PAGE;
  actions: Array<{ action: string }>;
}

let shown: Shown[];
let windows: Array<{ url: string; focus: ReturnType<typeof vi.fn> }>;
let opened: string[];
let answer: ReturnType<typeof vi.fn>;
let handlers: Record<string, Handler>;

beforeEach(() => {
  [shown, windows, opened, handlers, answer] = [[], [], [], {}, vi.fn()];
  const self = {
    addEventListener: (name: string, handler: Handler) => (handlers[name] = handler),
    skipWaiting: () => Promise.resolve(),
    location: { origin: "https://owl.example" },
    clients: { claim: () => Promise.resolve(), matchAll: () => Promise.resolve(windows), openWindow: (url: string) => opened.push(url) },
    registration: {
      getNotifications: ({ tag }: { tag: string }) => Promise.resolve(shown.filter((each) => each.tag === tag).slice(-1)),
      showNotification: (title: string, options: object) => Promise.resolve(void shown.push({ title, ...options } as Shown)),
    },
  };
  // oxlint-disable-next-line no-implied-eval -- it is a script of the browser's and no module
  new Function("self", "fetch", SOURCE)(self, answer);
});

async function run(name: string, event: object): Promise<void> {
  let work: Promise<unknown> = Promise.resolve();
  handlers[name]!({ ...event, waitUntil: (given: Promise<unknown>) => (work = given) });
  await work;
}

const push = (page: object = PAGE) => run("push", { data: { json: () => page } });
const click = (action: string, page = PAGE) => run("notificationclick", { action, notification: { data: page, close: vi.fn() } });
const told = (status: number, body: object) => answer.mockResolvedValue(new Response(JSON.stringify(body), { status }));

describe("a push", () => {
  it("becomes a notification with both buttons that stays until somebody has seen it", async () => {
    await push();
    expect(shown).toMatchObject([{ title: PAGE.title, body: "5 %", tag: "a1", renotify: true, requireInteraction: true }]);
    expect(shown[0]!.actions.map((each) => each.action)).toEqual(["acknowledge", "open"]);
  });
  it("that repeats one on the screen does not ring again, but another page about the alert does", async () => {
    await push();
    await push();
    await push({ ...PAGE, delivery_id: "d2" });
    expect(shown.map((each) => each.renotify)).toEqual([true, false, true]);
  });
  it("that cannot be read is told all the same", async () => {
    await run("push", { data: null });
    expect(shown).toMatchObject([{ title: "NightOwl has a page for you", actions: [{ action: "open" }] }]);
  });
  it("that tests offers nothing to acknowledge", async () => {
    await push({ ...PAGE, token: null });
    expect(shown[0]!.actions.map((each) => each.action)).toEqual(["open"]);
  });
});

describe("Acknowledge", () => {
  it("posts the page's token and shows what the server says", async () => {
    told(200, { words: "Acknowledged. The escalation has stopped.", is_taken: true });
    await click("acknowledge");
    expect(answer).toHaveBeenCalledWith("/p/acme.d1.ack.mac", expect.objectContaining({ method: "POST", credentials: "omit", headers: { Accept: "application/json" } }));
    expect(shown).toMatchObject([{ title: PAGE.title, body: "Acknowledged. The escalation has stopped.", requireInteraction: false, actions: [{ action: "open" }] }]);
  });
  it.each([
    ["expired", () => told(410, { words: "This link has expired. Open the alert in NightOwl.", is_taken: false }), "This link has expired. Open the alert in NightOwl."],
    ["a 500 that claims success", () => told(500, { words: "Acknowledged.", is_taken: true }), "This was not acknowledged: NightOwl gave no answer. The escalation goes on."],
    ["no network", () => answer.mockRejectedValue(new TypeError("Failed to fetch")), "This was not acknowledged: NightOwl gave no answer. The escalation goes on."],
    ["a proxy's page", () => answer.mockResolvedValue(new Response("<h1>Bad gateway</h1>", { status: 502 })), "This was not acknowledged: NightOwl gave no answer. The escalation goes on."],
    ["some other JSON", () => told(200, { status: "ok" }), "This was not acknowledged: NightOwl gave no answer. The escalation goes on."],
  ])("never looks done after %s, and can be pressed again", async (_, prepare, words) => {
    prepare();
    await click("acknowledge");
    expect(shown).toMatchObject([{ title: `Not acknowledged: ${PAGE.title}`, body: words, renotify: true, requireInteraction: true }]);
    expect(shown[0]!.actions.map((each) => each.action)).toEqual(["acknowledge", "open"]);
  });
});

describe("Open", () => {
  it("focuses the window that shows the alert", async () => {
    windows = [{ url: "https://owl.example/incidents/new", focus: vi.fn() }, { url: "https://owl.example/alerts/a1", focus: vi.fn() }];
    await click("open");
    expect(windows.map((each) => each.focus.mock.calls.length)).toEqual([0, 1]);
    expect(opened).toEqual([]);
  });
  it("opens a new window beside one in which something else is done", async () => {
    windows = [{ url: "https://owl.example/incidents/new", focus: vi.fn() }];
    await click("open");
    expect(opened).toEqual(["https://owl.example/alerts/a1"]);
    expect(answer).not.toHaveBeenCalled();
  });
});

describe("a tap on the notification itself", () => {
  it("opens the page link, which asks nobody to sign in, and answers nothing", async () => {
    windows = [{ url: "https://owl.example/incidents/new", focus: vi.fn() }];
    await click("");
    expect(opened).toEqual(["https://owl.example/p/acme.d1.ack.mac"]);
    expect(answer).not.toHaveBeenCalled();
  });
  it("focuses the window in which the alert is open already", async () => {
    windows = [{ url: "https://owl.example/alerts/a1", focus: vi.fn() }];
    await click("");
    expect([windows[0]!.focus.mock.calls.length, opened]).toEqual([1, []]);
  });
  it("opens the front end where there is no link, as for a test", async () => {
    await click("", { ...PAGE, open: "/settings?tab=reach", token: "" });
    expect(opened).toEqual(["https://owl.example/settings?tab=reach"]);
  });
});

it("answers no fetch and keeps nothing, so that nothing old is ever shown", () => {
  expect(Object.keys(handlers).toSorted()).toEqual(["activate", "install", "notificationclick", "push"]);
  expect(SOURCE).not.toMatch(/\bcaches\b|indexedDB/u);
});

// Shows pages that come by web push, acknowledges them, and opens them. It answers no fetch and keeps nothing: whatever
// NightOwl shows comes from the server. What a push holds is written in services/notifier/…/channels/push.py.
// A tap opens the page link, which can be read and answered by somebody who is not signed in; Open opens the alert.

const ACKNOWLEDGE = { action: "acknowledge", title: "Acknowledge" };
const OPEN = { action: "open", title: "Open" };
const ICON = "/favicon.svg";
const PATIENCE_MS = 20_000;
const UNREADABLE = { title: "NightOwl has a page for you", body: "Its text could not be read. Open NightOwl to see it.", open: "/", tag: "unreadable" };
const NOT_DONE = "This was not acknowledged: NightOwl gave no answer. The escalation goes on.";

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(showPage(read(event.data))));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const page = event.notification.data;
  if (event.action === ACKNOWLEDGE.action) event.waitUntil(acknowledge(page));
  else event.waitUntil(open(page.open, event.action === OPEN.action ? page.open : linkOf(page)));
});

function read(data) {
  try {
    return data.json();
  } catch {
    return UNREADABLE; // a browser that shows nothing for a push tells people that the site runs in secret
  }
}

async function showPage(page) {
  const shown = await self.registration.getNotifications({ tag: page.tag });
  const isShown = shown.some((each) => each.data?.delivery_id === page.delivery_id);
  // The same page again takes the place of the first one in silence; another page about the alert rings.
  await show(page, { title: page.title, body: page.body, renotify: !isShown, isWaiting: true });
}

async function acknowledge(page) {
  const told = await ask(page.token);
  const title = told.is_taken ? page.title : `Not acknowledged: ${page.title}`;
  await show(page, { title, body: told.words, renotify: !told.is_taken, isWaiting: !told.is_taken });
}

/** What came of it, as the server says; whatever goes wrong on the way is no success. */
async function ask(token) {
  try {
    const answer = await fetch(addressOf(token), {
      method: "POST",
      headers: { Accept: "application/json" },
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const told = await answer.json();
    const isTaken = told.is_taken === true;
    if (typeof told.words !== "string" || (isTaken && !answer.ok)) throw new Error(`answer ${answer.status}`);
    return { words: told.words, is_taken: isTaken };
  } catch {
    return { words: NOT_DONE, is_taken: false };
  }
}

function show(page, { title, body, renotify, isWaiting }) {
  return self.registration.showNotification(title, {
    body,
    tag: page.tag,
    renotify,
    icon: ICON,
    data: page,
    requireInteraction: isWaiting && page.is_urgent === true,
    actions: isWaiting && page.token ? [ACKNOWLEDGE, OPEN] : [OPEN],
  });
}

const addressOf = (token) => `/p/${token}`;
const linkOf = (page) => (page.token ? addressOf(page.token) : page.open);

/** The window that shows the alert already, else a new one with `path`: what is being written in another stays. */
async function open(shown, path) {
  const [there, address] = [shown, path].map((each) => new URL(each, self.location.origin).href);
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const window = windows.find((each) => each.url === there);
  return window ? window.focus() : self.clients.openWindow(address);
}

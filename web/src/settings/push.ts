/** Turning web push on and off: what is asked of the browser and the server. */
import { client, read, type Schema } from "@/api/client";

import { addressOf, browserName, encoded, type Here } from "./push-state";

export async function lookHere(): Promise<Here> {
  const isSupported = window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!isSupported) return { isSupported, permission: "default", address: null, key: null };
  const subscription = await (await navigator.serviceWorker.getRegistration("/"))?.pushManager.getSubscription();
  const key = subscription?.options.applicationServerKey;
  return { isSupported, permission: Notification.permission, address: subscription ? await addressOf(subscription.endpoint) : null, key: key ? encoded(key) : null };
}

/**
 * Asks the person, subscribes, and tells the server. Call it from a click, because browsers ask on nothing else.
 *
 * @returns false when the person says no.
 * @throws Problem when the server refuses; whatever the browser says when it cannot subscribe.
 */
export async function turnOn(serverKey: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  await navigator.serviceWorker.register("/sw.js");
  const { pushManager } = await navigator.serviceWorker.ready;
  // An old one may be under another key, or be another person's who sat here before: their pages end with it.
  await (await pushManager.getSubscription())?.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: serverKey });
  const { endpoint, keys } = subscription.toJSON();
  try {
    await read(client.POST("/api/v1/me/browsers", { body: { name: browserName(navigator.userAgent), endpoint: endpoint ?? "", p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" } }));
  } catch (error) {
    await subscription.unsubscribe();
    throw error;
  }
  return true;
}

/** The server first, so that no page is sent to where nobody hears it. */
export async function turnOff(userId: string, method: Schema["ContactMethod"]): Promise<void> {
  const params = { path: { user_id: userId, method_id: method.id }, header: { "If-Match": `"${method.revision}"` } };
  await read(client.DELETE("/api/v1/users/{user_id}/contact-methods/{method_id}", { params }));
  await (await (await navigator.serviceWorker.getRegistration("/"))?.pushManager.getSubscription())?.unsubscribe();
}

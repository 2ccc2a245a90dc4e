/** Web push in this browser: what it can do, and whether it is paged. Pure. */
import type { Schema } from "@/api/client";

type Method = Schema["ContactMethod"];

/** What the browser says of itself. `endpoint` and `key` are those of its subscription, if it has one. */
export interface Here {
  isSupported: boolean;
  permission: NotificationPermission;
  address: string | null;
  key: string | null;
}

export type PushState = { kind: "unsupported" | "not_set_up" | "blocked" | "off" } | { kind: "on"; method: Method };

/** Whether this browser is paged: it has a subscription under the server's key, and the server knows it as this person's. */
export function stateOf(here: Here, methods: readonly Method[], serverKey: string | null): PushState {
  if (!here.isSupported) return { kind: "unsupported" };
  if (serverKey === null) return { kind: "not_set_up" };
  if (here.permission === "denied") return { kind: "blocked" };
  const method = methods.find((each) => each.kind === "push" && each.is_verified && each.address === here.address);
  return method && here.permission === "granted" && here.key === serverKey ? { kind: "on", method } : { kind: "off" };
}

const BROWSERS: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bEdgA?\//u, "Edge"],
  [/\bOPR\//u, "Opera"],
  [/\bSamsungBrowser\//u, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\//u, "Firefox"],
  [/(?:Chrome|CriOS)\//u, "Chrome"],
  [/\bSafari\//u, "Safari"],
];
const SYSTEMS: ReadonlyArray<readonly [RegExp, string]> = [
  [/Android/u, "Android"],
  [/iPhone/u, "iPhone"],
  [/iPad/u, "iPad"],
  [/Windows/u, "Windows"],
  [/Mac OS X/u, "Mac"],
  [/CrOS/u, "ChromeOS"],
  [/Linux/u, "Linux"],
];

/** What a person calls it: "Chrome on Android". */
export function browserName(agent: string): string {
  const first = (list: typeof BROWSERS, otherwise: string) => list.find(([form]) => form.test(agent))?.[1] ?? otherwise;
  return `${first(BROWSERS, "Browser")} on ${first(SYSTEMS, "another system")}`;
}

/** As the server names a browser, without knowing its secret: the push service's host and a digest. */
export async function addressOf(endpoint: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint)));
  const hex = [...digest].map((each) => each.toString(16).padStart(2, "0")).join("");
  return `${new URL(endpoint).host}/${hex.slice(0, 16)}`;
}

/** Base64url without padding. */
export function encoded(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/u, "");
}

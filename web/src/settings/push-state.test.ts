import { describe, expect, it } from "vitest";

import { addressOf, browserName, encoded, stateOf, type Here } from "./push-state";

const here: Here = { isSupported: true, permission: "granted", address: "push.example/0123456789abcdef", key: "K" };
const method = { id: "m", kind: "push", address: "push.example/0123456789abcdef", is_verified: true } as never;

describe("whether this browser is paged", () => {
  it("is, when browser and server agree", () => expect(stateOf(here, [method], "K")).toEqual({ kind: "on", method }));
  it.each([
    ["unsupported", { isSupported: false }, "K"],
    ["not_set_up", {}, null],
    ["blocked", { permission: "denied" }, "K"],
    ["off", { permission: "default" }, "K"],
    ["off", { address: "push.example/another" }, "K"],
    ["off", { address: null }, "K"],
    ["off", {}, "another key"],
  ] as const)("is %s with %o", (kind, change, key) => expect(stateOf({ ...here, ...change }, [method], key).kind).toBe(kind));
  it("is off when the push service gave it up", () => expect(stateOf(here, [{ ...(method as object), is_verified: false } as never], "K").kind).toBe("off"));
});

it("names a browser as the server does", async () => {
  // the same stands in libs/alerting/tests/test_push.py
  expect(await addressOf("https://push.example:8443/send/abc")).toBe("push.example:8443/48b602a42ba40370");
  expect(await addressOf("https://push.example/x")).not.toBe(await addressOf("https://push.example/y"));
});

it("writes keys as push services want them", () => expect(encoded(new Uint8Array([0xfb, 0xff, 0xfe]).buffer)).toBe("-__-"));

it.each([
  ["Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"],
  ["owl/1", "Browser on another system"],
])("calls %s %s", (agent, name) => expect(browserName(agent)).toBe(name));

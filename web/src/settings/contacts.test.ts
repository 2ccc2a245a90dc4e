import { describe, expect, it } from "vitest";

import type { Schema } from "@/api/client";

import { CODE_MS, codeState, digitsOf, outcomeOf } from "./code";
import type { Method } from "./kinds";
import { profileAddresses } from "./profile";

const SENT_AT = "2026-03-02T03:00:00Z";
const JUST_AFTER = Date.parse(SENT_AT) + 1_000;

function page(more: Partial<Schema["TestPage"]> = {}): Schema["TestPage"] {
  return { id: "p", purpose: "code", channel: "sms", address: "+4915550000001", asked_by: { kind: "user", id: "u", name: "Alice" }, status: "sent", provider: "twilio", provider_id: "SM1", reason: null, detail: null, created_at: SENT_AT, settled_at: SENT_AT, ...more };
}

function method(more: Partial<Method> = {}): Method {
  return { id: "m", kind: "sms", address: "+4915550000001", position: 0, is_verified: false, verified_at: null, browser_name: null, gone_at: null, revision: 1, created_at: SENT_AT, ...more };
}

describe("a code", () => {
  const stateOf = (newest: Schema["TestPage"] | undefined, now = JUST_AFTER) => codeState(newest, "+4915550000001", now);

  it("is waited for from when it is asked for until it is too old", () => {
    expect(["queued", "sending", "sent", "unclear"].map((status) => stateOf(page({ status: status as "sent" })))).toEqual(["waiting", "waiting", "waiting", "waiting"]);
    expect([stateOf(page(), Date.parse(SENT_AT) + CODE_MS - 1), stateOf(page(), Date.parse(SENT_AT) + CODE_MS)]).toEqual(["waiting", "none"]);
  });

  it("is not waited for when none was sent, when the last page was a test, or when the address is another one", () => {
    expect([stateOf(undefined), stateOf(page({ purpose: "test" })), stateOf(page({ address: "+4915550000002" }))]).toEqual(["none", "none", "none"]);
  });

  it("that was not sent says why", () => {
    const failed = page({ status: "failed", reason: "bad_address", detail: "21211" });
    expect([stateOf(failed), outcomeOf(failed), outcomeOf({ ...failed, detail: null })]).toEqual(["failed", "It failed: 21211", "It failed: bad_address"]);
  });

  it("is read as it was meant, however it was pasted", () => {
    expect(["482 913", "482-913\n", " 4829137", "code 12", ""].map(digitsOf)).toEqual(["482913", "482913", "482913", "12", ""]);
  });
});

describe("addresses of the profile", () => {
  const user = { email: "alice@acme.example", phone: "+4915550000001", slack_user_id: null };

  it("are told for each way that they serve", () => {
    expect(profileAddresses(user, []).map((each) => each.kind)).toEqual(["phone", "sms", "email"]);
  });

  it("are not told where a verified address stands before them, or where they are in the list already", () => {
    const methods = [method({ kind: "sms" }), method({ kind: "email", address: "other@acme.example", is_verified: true }), method({ kind: "phone", address: "+4915550000002" })];

    expect(profileAddresses(user, methods)).toEqual([{ kind: "phone", address: "+4915550000001" }]);
  });
});

import { describe, expect, it } from "vitest";

import { around, mentionsOfStep } from "./mentions";
import { railOf } from "./rail";
import { asText, isShown, linesOf, type Entry } from "./timeline-words";

const T0 = Date.parse("2026-11-26T02:00:00Z");
const at = (seconds: number) => new Date(T0 + seconds * 1_000).toISOString();
const entry = (id: string, kind: string, seconds: number, evidence: object = {}) => ({ id, kind, at: at(seconds), actor: { kind: "service", id: "x", name: "x" }, evidence }) as Entry;

const step = (name: string, why: string, more: object = {}) => ({ step: name, verdict: "v", why, tried: [], now: null, rule_id: null, rule_name: null, evidence: {}, at: at(0), ...more });
const person = { entry_id: "2", at: at(2), tier: 0, target: "oncall_primary", user_id: "u", name: "Bob", why: "primary of “Web”: the override from 2026-11-26T00:00:00+00:00 until 2026-11-26T08:00:00+00:00 beats the rotation", roster_id: "r", roster_name: "Web", override_id: "o" };
const explained = {
  steps: [
    step("received", "generic sent it with the key “ci”, 120 bytes of its own", { evidence: { key: "ci", opening: { raw: "{}" } } }), step("fields", "a critical alert"), step("fingerprint", "hash of title and labels"), step("deduplication", "no open alert"),
    step("group", "it is in the group “db”", { rule_id: "g", rule_name: "db" }), step("mutes", "nothing has kept it from paging"), step("knowledge", "no incident was found"), step("route", "by “payments”: web", { tried: [{ kind: "route", id: "p", name: "payments", verdict: "fits", why: "" }] }), step("policy", "version 2 of “usual”", { rule_id: "u", rule_name: "usual" }), step("escalation", "e"), step("next", "n"),
  ],
  people: [person],
} as never;
const entries = [entry("1", "opened", 1), entry("3", "grouped", 1, { group_id: "gg", rule: "db" }), entry("2", "escalated", 2, { tier: 0, recipients: ["user:u over sms"] }), entry("4", "page_sent", 3, { recipient: "user:u", channel: "sms" })];

describe("the rail", () => {
  it("tells the whole story in order, each thing once", () => {
    expect(railOf(entries, explained).map((each) => each.kind)).toEqual(["step_received", "step_fields", "step_fingerprint", "step_deduplication", "opened", "grouped", "step_knowledge", "step_route", "step_policy", "step_mutes", "escalated", "step_person", "page_sent"]);
  });
  it("is the timeline alone while nothing is explained, or where its beginning is not there", () => {
    expect(railOf(entries, undefined).map((each) => each.id)).toEqual(["1", "3", "2", "4"]);
    expect(railOf(entries.slice(1), explained).map((each) => each.id)).toEqual(["3", "2", "4"]);
  });
  it("is copied as text from the sender to the receipt, without a machine's instants", () => {
    const text = asText("Disk full", linesOf(railOf(entries, explained), [], [], T0), "UTC").split("\n");
    expect(text[1]).toMatch(/Received: generic sent it with the key “ci”, 120 bytes of its own$/u);
    expect(text.find((line) => line.includes("was chosen"))).toMatch(/Bob was chosen by tier 1: primary of “Web”: the override from .*08:00 UTC beats the rotation$/u);
    expect(text.at(-1)).toMatch(/Page sent to user:u by text message$/u);
  });
  it("leaves payloads out of the evidence: they have a tab of their own", () => expect(railOf(entries, explained)[0]!.evidence).toEqual({ key: "ci" }));
  it("tells of persons among the pages", () => expect(railOf(entries, explained).filter((each) => isShown(each, "pages")).map((each) => each.kind)).toEqual(["escalated", "step_person", "page_sent"]));
});

describe("names in a sentence", () => {
  it("lead to the rule, the roster and the override", () => {
    const rail = railOf(entries, explained);
    const linked = (kind: string) => {
      const found = rail.find((each) => each.kind === kind)!;
      return around(linesOf([found], [], [], T0)[0]!.sentence, found.mentions).filter((piece) => typeof piece !== "string");
    };
    expect(linked("grouped")).toEqual([{ place: "grouping_rule", id: "g", text: "“db”" }]);
    expect(linked("step_route")).toEqual([{ place: "route", id: "p", text: "“payments”" }]);
    expect(linked("step_policy")).toEqual([{ place: "policy", id: "u", text: "“usual”" }]);
    expect(linked("step_person")).toEqual([{ place: "roster", id: "r", text: "“Web”" }, { place: "override", id: "r", text: "the override" }]);
  });
  it("are the silence that muted it", () => {
    const muted = step("mutes", "silence “upgrade” until then", { rule_id: "s", rule_name: "upgrade", evidence: { kind: "silence" } });
    expect(mentionsOfStep(muted as never)).toEqual([{ place: "silence", id: "s", text: "“upgrade”" }]);
  });
  it("leave a text whole that names nobody", () => expect(around("nothing", [{ place: "route", id: "1", text: "“x”" }])).toEqual(["nothing"]));
});

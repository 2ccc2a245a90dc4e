import { describe, expect, it } from "vitest";

import { absolute } from "@/time/words";
import { parseMarkdown, stepsOf as namedByMarkdown } from "@/ui/markdown-tree";

import { saidShares } from "./likeness";
import { leftOf, nextOf, peopleOf, readOut, warningsOf, type Rung } from "./ladder-rungs";
import { saidPaging } from "./paging-words";
import { receiptOf } from "./receipts";
import { placesOf } from "./places";
import { stepsOf } from "./solution";
import { namesOf } from "./step-names";
import { asText, isShown, linesOf, sinceBefore, type Entry } from "./timeline-words";
import { offersFor } from "./verbs";

const T0 = Date.parse("2026-11-26T02:00:00Z");
const at = (seconds: number) => new Date(T0 + seconds * 1_000).toISOString();

describe("a solution", () => {
  it("is steps with the commands that belong to them", () => {
    expect(stepsOf("First:\n\n1. Look:\n\n```\ndf -h\nls\n```\n\n2. Drop it: `psql -c \"x\"`\n3. See `pg_slots` drain").map(({ parts }) => ({ parts }))).toEqual([
      { parts: [{ kind: "text", text: "First:" }] },
      { parts: [{ kind: "text", text: "Look:" }, { kind: "command", text: "df -h\nls" }] },
      { parts: [{ kind: "text", text: "Drop it:" }, { kind: "command", text: "psql -c \"x\"" }] },
      { parts: [{ kind: "text", text: "See `pg_slots` drain" }] },
    ]);
  });
  it("without a list is one step per paragraph", () => expect(stepsOf("Restart it\nslowly.\n\nWait.").map((step) => step.parts.map((part) => part.text))).toEqual([["Restart it slowly."], ["Wait."]]));
  it("keeps commands at their places in the sentence", () => {
    const said = (text: string) => stepsOf(text).map((step) => step.parts.map((part) => part.text));
    expect([said("`curl -X POST /warm` on each pod. Then wait."), said("Run `a b`, then **slowly** `c d`.")]).toEqual([[["curl -X POST /warm", "on each pod. Then wait."]], [["Run:", "a b", "then slowly:", "c d"]]]);
  });
  it("keeps a block that was never closed", () => expect(stepsOf("```\nreboot")).toEqual([{ words: "", parts: [{ kind: "command", text: "reboot" }] }]));
  it("calls its steps what the knowledge base's page calls them", () => {
    const text = "Before:\n\n1. Look at `df -h` **first**,\n   then wait.\n2. [ ] Drop it\n\n   more\n3. [ ] Drop it\n4. See [the board](https://a.example/b)\n";
    expect(namesOf(stepsOf(text)).slice(1)).toEqual(namedByMarkdown(parseMarkdown(text)));
    expect(namesOf(stepsOf("## Look\n\n## Tell"))).toEqual(namedByMarkdown(parseMarkdown("## Look\n\n## Tell")));
  });
});

describe("receipts", () => {
  const page = { status: "sent", channel: "sms", not_before: at(0), held_for: null, sent_at: at(0), reason: null, bundled_into: null };
  it("are missed after 90 s where they are owed", () => {
    expect(receiptOf(page, T0 + 89_000)).toEqual({ words: "sent, no receipt yet", tone: "waiting" });
    expect(receiptOf(page, T0 + 91_000)).toEqual({ words: "no receipt after 90 s", tone: "bad" });
    expect(receiptOf({ ...page, channel: "slack_dm" }, T0 + 91_000).tone).toBe("good");
  });
  it("tell why nothing went out", () => {
    expect(receiptOf({ ...page, status: "queued", held_for: "quiet_hours", not_before: at(120) }, T0).words).toBe("held by quiet hours, 2 m more");
    expect(receiptOf({ ...page, status: "failed", reason: "no_provider" }, T0).words).toBe("failed: no provider");
  });
});

describe("the ladder", () => {
  const pageTo = (id: string, channel: string) => ({ user: { id, display_name: id.toUpperCase() }, recipient: `user:${id}`, channel, minute: 0, at: at(0), timezone: "Asia/Tokyo", held_for: null });
  const rung = (given: Partial<Rung>): Rung => ({ cycle: 0, tier: 1, minute: 5, at: at(300), pages: [], targets: [], is_fallback: false, is_end: false, ...given });
  it("warns of who cannot be reached, and of who was paged already", () => {
    const second = rung({ pages: [pageTo("bob", "sms")], targets: [{ target: "oncall_backup", user: null, detail: "no contact method", problem: "unreachable" }] });
    const past = [{ cycle: 0, tier: 0, outcome: "paged" as const, recipients: ["user:bob"], due_at: at(0), fired_at: at(0), late_ms: 0, pages: [{ ...pageTo("bob", "sms"), delivery_id: "d", status: "sent", not_before: at(0), held_for: null, sent_at: null, reason: null, bundled_into: null }] }];
    expect(warningsOf(second, { past, next: [second] })).toEqual(["secondary on call: no contact method", "BOB: paged by an earlier tier already."]);
    expect(warningsOf(rung({ cycle: 1, pages: [pageTo("bob", "sms")] }), { past, next: [] })).toEqual([]);
  });
  it("names a person once, with all channels", () => expect(peopleOf([pageTo("bob", "sms"), pageTo("bob", "slack_dm")]).map((each) => [each.name, each.channels])).toEqual([["BOB", ["sms", "slack_dm"]]]));
  it("says by whose clock somebody is paged", () => expect(peopleOf([pageTo("bob", "sms")])[0]).toMatchObject({ zone: "Asia/Tokyo", at: at(0) }));
  it("is read out at 60, 30 and 10 seconds only", () => {
    const said = Array.from({ length: 70 }, (_, passed) => readOut(65_000 - passed * 1_000, "Bob"));
    expect([...new Set(said)]).toEqual(["", "60 seconds until Bob is paged.", "30 seconds until Bob is paged.", "10 seconds until Bob is paged.", "Bob: paged now."]);
  });
  it("drains from full to empty and no further", () => expect([leftOf(0, 100, -5), leftOf(0, 100, 25), leftOf(0, 100, 200), leftOf(5, 5, 5)]).toEqual([1, 0.75, 0, 0]));
});

describe("why it pages or not", () => {
  const alert = { status: "firing", escalation_state: "pending", escalation_reason: "policy version 3" } as const;
  it("is a sentence", () => {
    expect(saidPaging(alert, nextOf({ next: [{ cycle: 1, tier: 0, minute: 0, at: at(0), pages: [], targets: [], is_fallback: false, is_end: false }] }))).toBe("Nobody is behind tier 1, cycle 2, which is next");
    expect(saidPaging(alert, { name: "tier 2", people: ["Alice", "Bob"] })).toBe("Alice and Bob are paged next: tier 2");
    expect(saidPaging({ ...alert, escalation_state: "none", escalation_reason: "severity info does not page" }, null)).toBe("Nobody is paged: severity info does not page");
  });
});

describe("what is offered", () => {
  it("begins with the acknowledgement while it fires, and refuses to escalate what nobody is paged for", () => {
    expect(offersFor({ status: "firing", escalation_state: "pending" })[0]!.verb).toBe("acknowledge");
    expect(offersFor({ status: "acknowledged", escalation_state: "stopped" }).find((each) => each.verb === "escalate")!.refusal).toBeTruthy();
    expect(offersFor({ status: "resolved", escalation_state: "stopped" }).map((each) => each.verb)).toEqual(["reopen", "comment"]);
  });
});

describe("a similar alert", () => {
  it("says what it shares", () => expect([saidShares(["service"]), saidShares(["name", "incident"]), saidShares(["service", "name", "incident"])]).toEqual(["the same service", "the same name and the same known answer", "the same service, the same name and the same known answer"]));
});

describe("the timeline", () => {
  const entry = (kind: string, seconds: number, evidence: object, actor: Entry["actor"] = { kind: "service", id: "x", name: "x" }) => ({ id: kind, kind, at: at(seconds), actor, evidence }) as Entry;
  const entries = [entry("opened", 0, { severity: "critical", episode: 1 }), entry("page_sent", 1.4, { recipient: "user:1", channel: "sms", delivery_id: "d1" }), entry("commented", 2, { text: "on it" }, { kind: "user", id: "1", name: "Bob" })];
  const deliveries = [{ id: "d1", recipient: "user:1", recipient_name: "Bob Baker", status: "sent", channel: "sms", sent_at: at(1.4) }] as never;
  it("names people, counts since the entry before, and never leaves a missing receipt out", () => {
    const lines = linesOf(entries, deliveries, [{ id: "1", display_name: "Robert" }, { id: "2", display_name: "Carol" }], T0 + 200_000);
    expect(lines.map((line) => [line.sentence, line.sinceMs, line.isUnreceipted])).toEqual([["Opened by x as critical", null, false], ["Page sent to Bob Baker by text message", 1400, true], ["Bob: on it", 600, false]]);
    expect(asText("Disk full", lines, "UTC").split("\n")[2]).toBe(`${absolute(at(1.4), "UTC")} (+1.4 s)  Page sent to Bob Baker by text message (no receipt after 90 s)`);
  });
  it("names who was asked", () => {
    const asked = linesOf([entry("assigned", 0, { assignee_id: "2" }), entry("assigned", 1, { assignee_id: null }), entry("handed_over", 2, { user_id: "9", minutes: 15 })], [], [{ id: "2", display_name: "Carol" }], T0);
    expect(asked.map((line) => line.sentence)).toEqual(["x assigned it to Carol", "x took the owner away", "x handed it over to somebody, for 15 minutes"]);
  });
  it("says whether what was known helped, in the voter's own words", () => {
    const said = linesOf([entry("voted", 0, { title: "Volume full", helped: false, reason: "no_slot was there" }), entry("voted", 1, { title: "Volume full", helped: true, reason: null }), entry("vote_withdrawn", 2, {})], [], [], T0);
    expect(said.map((line) => line.sentence)).toEqual(["x says that what was known did not help: “Volume full” (no_slot was there)", "x says that what was known helped: “Volume full”", "x took back whether it helped"]);
  });
  it("is filtered to pages or people", () => expect([entries.filter((each) => isShown(each, "pages")).length, entries.filter((each) => isShown(each, "people")).length]).toEqual([1, 1]));
  it("says spans as they are read", () => expect([0, 16, 1_400, 303_000, 3_900_000].map(sinceBefore)).toEqual(["+0 ms", "+16 ms", "+1.4 s", "+5 m 03 s", "+1 h 05 m"]));
});

it("an alert is from where its labels say, and its source", () => {
  expect(placesOf({ labels: { cluster: "eu-1", namespace: "shop", pod: "x" }, source: "alertmanager" }).map((place) => [place.name, place.value, place.search])).toEqual([
    ["Cluster", "eu-1", { cluster: "eu-1" }],
    ["Namespace", "shop", { label: "namespace=shop" }],
    ["Source", "alertmanager", { source: "alertmanager" }],
  ]);
  expect(placesOf({ labels: {}, source: "generic" }).map(({ name }) => name)).toEqual(["Source"]);
});

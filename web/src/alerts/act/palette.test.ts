import { describe, expect, it, vi } from "vitest";

vi.mock("@/time/clock", () => ({ serverNow: () => Date.parse("2026-11-26T02:00:00Z") }));

import { FOR_READERS, OFFERS_FOR_MANY, offersForGroup, offersTo } from "@/alerts/detail/verbs";

import { verbsOf } from "./palette";

const firing = { status: "firing", escalation_state: "pending" } as const;
const done: unknown[] = [];
const hands = {
  act: (verb: string) => void done.push(verb),
  snooze: (until: string) => void done.push(until),
  assign: ({ name }: { name: string }) => void done.push(`assign ${name}`),
  handOver: ({ name }: { name: string }, minutes: number) => void done.push(`${name} for ${minutes}`),
};

describe("the palette's verbs", () => {
  it("for an alert are those of its buttons, with their keys", () => {
    const verbs = verbsOf("“Disk full”", offersTo(firing, true), hands);
    expect(verbs.filter((verb) => !verb.isMinor).map((verb) => [verb.label, verb.hint])).toEqual([
      ["Acknowledge “Disk full”", "a"],
      ["Investigate “Disk full”", "i"],
      ["Resolve “Disk full”…", "r"],
      ["Snooze “Disk full” for 30 minutes", undefined],
      ["Snooze “Disk full” until…", "s"],
      ["Assign “Disk full”…", "m"],
      ["Comment on “Disk full”…", "c"],
      ["Escalate now: “Disk full”…", "e"],
      ["Hand over “Disk full”…", undefined],
    ]);
  });

  it("do what they say", () => {
    const verbs = verbsOf("x", offersTo(firing, true), hands);
    verbs.find((verb) => verb.label === "Snooze x for 30 minutes")!.run();
    verbs.find((verb) => verb.label === "Assign x…")!.withPerson!.run({ id: "b", name: "Bob" });
    verbs.find((verb) => verb.label === "Hand over x…")!.withPerson!.run({ id: "b", name: "Bob" });
    verbs[0]!.run();
    expect(done).toEqual(["2026-11-26T02:30:00.000Z", "assign Bob", "Bob for 15", "acknowledge"]);
  });

  it("say to who may only read why not, each of them", () => {
    expect(new Set(verbsOf("x", offersTo(firing, false), hands).map((verb) => verb.disabledReason))).toEqual(new Set([FOR_READERS]));
  });

  it("for several alerts hand none over, and say so", () => {
    const { handOver: _, ...many } = hands;
    const verbs = verbsOf("4 alerts", OFFERS_FOR_MANY, many);
    expect(verbs[0]).toMatchObject({ label: "Acknowledge 4 alerts", disabledReason: undefined });
    expect(verbs.at(-1)).toMatchObject({ label: "Hand over 4 alerts…", disabledReason: "One alert at a time." });
  });

  it("for a group are its two buttons, one where nobody is needed any more", () => {
    expect([offersForGroup(2), offersForGroup(0)].map((offers) => offers.map(({ verb }) => verb))).toEqual([["acknowledge", "resolve"], ["resolve"]]);
  });
});

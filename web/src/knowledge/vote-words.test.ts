import { describe, expect, it } from "vitest";

import { contentOf, saidVote, shareHelped, voteLine } from "./vote-words";

const vote = { incident_id: "i", voter: { kind: "user" as const, id: "b", name: "Bob" }, helped: false, reason: "the slot was gone", at: "2026-11-26T02:00:00Z" };

describe("answers to whether it helped", () => {
  it("name who, what, and why", () => {
    expect(voteLine(vote)).toBe("Bob: no, “the slot was gone”");
    expect(voteLine({ ...vote, helped: true, reason: null })).toBe("Bob: yes");
  });
  it("without a word send none", () => {
    expect(contentOf({ helped: true, reason: "  " })).toEqual({ helped: true, reason: null });
    expect(contentOf({ helped: false, reason: " wrong cluster " })).toEqual({ helped: false, reason: "wrong cluster" });
  });
  it("are told when they are given and when they are taken back", () => expect([saidVote(vote), saidVote({ helped: true, reason: null }), saidVote(null)]).toEqual(["Counted: it did not help", "Counted: it helped", "Your answer was taken back"]));
  it("make a share only where somebody was heard", () => {
    expect(shareHelped({ helped_count: 0, unhelpful_count: 0 })).toBeNull();
    expect(shareHelped({ helped_count: 4, unhelpful_count: 1 })).toBe("4 of 5 say it helped");
  });
});

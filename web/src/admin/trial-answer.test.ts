import { describe, expect, it } from "vitest";

import { trialAnswerOf } from "./trial-answer";

describe("what comes back from a trial", () => {
  it("is a code or a refusal, with the state", () => {
    expect(trialAnswerOf("#state=s&code=a%2Fb&iss=https%3A%2F%2Fsso.test")).toEqual({ state: "s", code: "a/b", iss: "https://sso.test", error: null });
    expect(trialAnswerOf("state=s&error=access_denied")).toEqual({ state: "s", code: null, iss: null, error: "access_denied" });
  });
  it("is nothing where the page was opened otherwise", () => expect(["", "#main", "#code=x", "#state=s"].map(trialAnswerOf)).toEqual([null, null, null, null]));
});

import { expect, it } from "vitest";

import { askedRoster, fits } from "./palette-words";

it("finds labels by parts of words, without regard to case and accents", () => {
  expect([fits("zur lat", "Latenz in Zürich"), fits("", "anything"), fits("zur paris", "Latenz in Zürich")]).toEqual([true, true, false]);
});

it("knows the question who is on call, and of which roster", () => {
  const asked = ["Who is on call for payments?", "who's on-call for the EU team", "on call payments", "oncall", "Who is on call?", "on calls", "call bob", "who"];
  expect(asked.map(askedRoster)).toEqual(["payments", "EU team", "payments", "", "", null, null, null]);
});

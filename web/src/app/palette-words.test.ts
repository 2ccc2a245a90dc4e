import { expect, it } from "vitest";

import { askedRoster, fits, nameBehind } from "./palette-words";

it("finds labels by parts of words, without regard to case and accents", () => {
  expect([fits("zur lat", "Latenz in Zürich"), fits("", "anything"), fits("zur paris", "Latenz in Zürich")]).toEqual([true, true, false]);
});

it("knows the question who is on call, and of which roster", () => {
  const asked = ["Who is on call for payments?", "who's on-call for the EU team", "on call payments", "oncall", "Who is on call?", "on calls", "call bob", "who"];
  expect(asked.map(askedRoster)).toEqual(["payments", "EU team", "payments", "", "", null, null, null]);
});

it("takes the name behind a verb, and the longest verb that fits", () => {
  const begins = ["hand", "hand to", "hand over", "hand over to", "escalate to"];
  const typed = ["Hand over to bo", "hand zoë", "hand over", "escalate to  Bob Lee ", "handsome", "escalate now"];
  expect(typed.map((each) => nameBehind(each, begins))).toEqual(["bo", "zoë", "", "Bob Lee", null, null]);
});

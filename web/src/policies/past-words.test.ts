import { expect, it } from "vitest";

import { responseWords } from "./past-words";

const none = { same: 0, earlier: 0, later: 0, not_reached: 0, newly_reached: 0, median_minutes: null, most_minutes_later: null };

it("says what changes for who took the alerts", () => {
  expect(responseWords({ ...none, earlier: 1, later: 2, most_minutes_later: 4.25 })).toEqual([
    "For 1 alert, who took it would have been paged earlier.",
    "For 2 alerts, who took it would have been paged later, at most 4.3 min.",
  ]);
});
it("never says nothing", () => expect(responseWords(none)).toHaveLength(1));

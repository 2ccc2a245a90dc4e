import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { NTH_WORDS, ONCE, recurrenceOf, recurrenceWords, ruleOf, WEEKDAYS, type Recurrence } from "./recurrence";

describe("a recurrence", () => {
  it("is written as RFC 5545 has it", () => {
    expect(ruleOf(ONCE)).toBeNull();
    expect(ruleOf({ ...ONCE, every: "day" })).toBe("FREQ=DAILY");
    expect(ruleOf({ ...ONCE, every: "week", interval: 2, days: ["SU", "MO"] })).toBe("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU");
    expect(ruleOf({ ...ONCE, every: "month", nth: "-1", days: ["FR"] })).toBe("FREQ=MONTHLY;BYDAY=-1FR");
  });
  it("that the form cannot say is kept as it is", () => {
    for (const rule of ["FREQ=YEARLY", "FREQ=WEEKLY;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=15", "BYDAY=SU;FREQ=WEEKLY", "FREQ=MONTHLY;BYDAY=5FR", "FREQ=WEEKLY;BYDAY=XX"]) {
      expect(recurrenceOf(rule)).toMatchObject({ every: "rule", rule });
      expect(ruleOf(recurrenceOf(rule))).toBe(rule);
    }
  });
  it("is said in words", () => {
    expect([null, "FREQ=WEEKLY;BYDAY=SU", "FREQ=DAILY;INTERVAL=3", "FREQ=MONTHLY;BYDAY=-1FR"].map(recurrenceWords)).toEqual(["once", "every week on Sunday", "every 3 days", "every month on the last Friday"]);
  });

  const simple: fc.Arbitrary<Recurrence> = fc.record({
    every: fc.constantFrom("once", "day", "week", "month"),
    interval: fc.integer({ min: 1, max: 12 }),
    days: fc.subarray([...WEEKDAYS]),
    nth: fc.constantFrom(...Object.keys(NTH_WORDS)),
    rule: fc.constant(""),
  });
  it("of the form comes back to the form", () =>
    fc.assert(
      fc.property(simple, (recurrence) => {
        expect(ruleOf(recurrenceOf(ruleOf(recurrence)))).toBe(ruleOf(recurrence));
      }),
    ));
});

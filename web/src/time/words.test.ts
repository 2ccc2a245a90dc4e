import { describe, expect, it } from "vitest";

import { absolute, aroundInstants, countdown, moment, relative, span, wallClock, withLocalTimes, zoneName } from "./words";

describe("spans", () => {
  it("name at most two units", () => {
    expect([45_000, 12 * 60_000, 3 * 3_600_000 + 300_000, 52 * 3_600_000].map(span)).toEqual(["45 s", "12 m", "3 h 05 m", "2 d 4 h"]);
  });
  it("never go below nothing", () => expect(span(-1)).toBe("0 s"));
});

describe("countdowns", () => {
  it("reach zero no earlier than the instant", () => expect([1, 1_000, 61_000, 3_600_000].map(countdown)).toEqual(["0:01", "0:01", "1:01", "1:00:00"]));
});

describe("relative times", () => {
  it("tell past from future", () => expect([relative(0, 60_000), relative(60_000, 0), relative(0, 0)]).toEqual(["1 m ago", "in 1 m", "now"]));
});

describe("absolute times", () => {
  it("carry their zone", () => {
    expect(absolute("2026-11-23T01:14:09Z", "Europe/Berlin")).toBe("Mon, 23 Nov 2026, 02:14:09 CET");
    expect(zoneName("2026-07-01T00:00:00Z", "Asia/Kathmandu")).toBe("GMT+5:45");
  });
});

describe("a clock on somebody's wall", () => {
  it("shows night from 22:00 to 06:00, by the zone it hangs in", () => {
    const at = (time: string) => wallClock(`2026-11-23T${time}Z`, "Europe/Berlin");
    expect([at("20:59"), at("21:00"), at("23:00"), at("04:59"), at("05:00")]).toEqual([
      { words: "21:59", isNight: false },
      { words: "22:00", isNight: true },
      { words: "00:00", isNight: true },
      { words: "05:59", isNight: true },
      { words: "06:00", isNight: false },
    ]);
    expect(wallClock("2026-11-23T12:00:00Z", "Pacific/Auckland").isNight).toBe(true);
  });
});

describe("a text of the server's", () => {
  const text = "until 2026-11-28T02:21:40+00:00 by x";
  it("shows instants by the reader's clock", () => expect(withLocalTimes(text, "Europe/Berlin")).toBe(`until ${moment("2026-11-28T02:21:40Z", "Europe/Berlin")} CET by x`));
  it("falls apart around its instants, and into itself where it has none", () => {
    expect(aroundInstants(text)).toEqual(["until ", "2026-11-28T02:21:40+00:00", " by x"]);
    expect(aroundInstants("page 3 of 2026-11-28")).toEqual(["page 3 of 2026-11-28"]);
  });
});

import { describe, expect, it } from "vitest";

import { extended, isNone, isSelected, NONE, toggled, toggledAll, type Selection } from "./selection";

const shown = [..."abcde"];
const idsOf = (selection: Selection) => (selection.kind === "all" ? "all" : [...selection.ids].sort().join(""));

describe("a selection", () => {
  it("toggles one row", () => {
    const one = toggled(NONE, "b", shown);
    expect(idsOf(one)).toBe("b");
    expect(isNone(toggled(one, "b", shown))).toBe(true);
  });

  it("extends from the row changed last, either way", () => {
    expect(idsOf(extended(toggled(NONE, "d", shown), "b", shown))).toBe("bcd");
    expect(idsOf(extended(toggled(NONE, "b", shown), "d", shown))).toBe("bcd");
    expect(idsOf(extended(NONE, "c", shown))).toBe("c");
  });

  it("goes on from the end of a range", () => {
    expect(idsOf(extended(extended(toggled(NONE, "a", shown), "b", shown), "d", shown))).toBe("abcd");
  });

  it("of all rows lacks the one that is left out", () => {
    const all: Selection = { kind: "all" };
    expect(isSelected(all, "zzz")).toBe(true);
    expect(idsOf(toggled(all, "c", shown))).toBe("abde");
  });

  it("of the shown rows empties when it is full", () => {
    const full = toggledAll(toggled(NONE, "a", shown), shown);
    expect(idsOf(full)).toBe("abcde");
    expect(isNone(toggledAll(full, shown))).toBe(true);
    expect(isNone(toggledAll({ kind: "all" }, shown))).toBe(true);
  });
});

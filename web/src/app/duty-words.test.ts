import { expect, it } from "vitest";

import { dutyInShort, type MyDuty } from "./duty-words";

const NOW = Date.parse("2026-11-26T02:00:00Z");
const duty = (until: string | null, next: string | null = "Bob"): MyDuty => ({ roster_id: "r", roster_name: "Payments", role: "primary", until, next_person: next ? { id: "b", display_name: next } : null }) as MyDuty;

it("a day is enough while it can be no other", () => {
  expect(dutyInShort(duty("2026-11-30T08:00:00Z"), NOW, "Europe/Berlin")).toEqual({ duty: "Primary until Mon 09:00", next: "next: Bob" });
  expect(dutyInShort(duty("2026-12-07T08:00:00Z", null), NOW, "Europe/Berlin")).toEqual({ duty: "Primary until 7 Dec 09:00", next: "next: nobody" });
});

it("without an end nobody is next", () => expect(dutyInShort({ ...duty(null), role: "backup" }, NOW, "UTC")).toEqual({ duty: "Backup", next: null }));

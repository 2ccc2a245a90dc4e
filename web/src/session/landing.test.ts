import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { isAnew, keepLanding, landingOnce } from "./landing";

let kept: string | null = null;
beforeEach(() => vi.stubGlobal("localStorage", { getItem: () => kept, setItem: (_: string, value: string) => void (kept = value) }));
afterEach(() => vi.unstubAllGlobals());

it("a Now that is reloaded or come back to stays", () => {
  const opened = (type: string, path: string) => isAnew({ type, name: `https://owl.example.com${path}` });
  expect([opened("navigate", "/"), opened("reload", "/"), opened("back_forward", "/"), opened("reload", "/login")]).toEqual([true, false, false, true]);
});

it("the chosen page takes the place of the first Now, and of no other", () => {
  keepLanding("on_call");
  expect([landingOnce(), landingOnce()]).toEqual(["/rosters", null]);
});

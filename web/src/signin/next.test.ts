import { expect, it } from "vitest";

import { safeNext } from "./next";

it("leads to pages of this origin only", () => {
  const given = [undefined, "/alerts?q=x#y", "//evil.example/", "https://evil.example", "/\\evil.example", "javascript:alert(1)"];
  expect(given.map((next) => safeNext(next, "https://owl.example"))).toEqual(["/", "/alerts?q=x#y", "/", "/", "/", "/"]);
});

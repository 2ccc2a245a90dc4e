import { describe, expect, it } from "vitest";

import type { Schema } from "@/api/client";

import { namesOf, pressed, rowsOf } from "./facets-model";

const of = (value: string | null, count: number, name: string | null = null) => ({ value, count, name });
const facets: Schema["Facets"] = {
  total: 9,
  is_exact: true,
  cut: [],
  status: [of("resolved", 5), of("firing", 4)],
  severity: [],
  source: [],
  cluster: [],
  policy: [],
  service: [of("orders", 6), of(null, 3)],
  holder: [of("u1", 2, "Ada"), of(null, 7)],
  knowledge: [of("false", 9)],
};

describe("the rows of a facet", () => {
  const names = namesOf(facets);
  const short = (field: Parameters<typeof rowsOf>[1], filter = {}) => rowsOf(facets, field, filter, names).map(({ value, name, count, stand }) => [value, name, count, stand]);

  it("name what is missing and what an id stands for", () => {
    expect(short("service")).toEqual([["orders", "orders", 6, "free"], ["", "no service", 3, "free"]]);
    expect(short("holder")).toEqual([["u1", "Ada", 2, "free"], ["none", "nobody", 7, "free"]]);
  });

  it("stand in the order of urgency where there is one", () => expect(short("status").map(([value]) => value)).toEqual(["firing", "resolved"]));

  it("keep what is filtered though it counts nothing", () => {
    expect(short("service", { service: "gone", not_service: "orders" })).toEqual([["orders", "orders", 6, "out"], ["", "no service", 3, "free"], ["gone", "gone", 0, "in"]]);
    expect(short("knowledge", { knowledge: true })).toEqual([["false", "not known", 9, "out"], ["true", "known", 0, "in"]]);
  });
});

it("what is known is one switch: leaving out one side asks for the other", () => {
  expect(pressed({}, "knowledge", "true", "out")).toEqual({ knowledge: false });
  expect(pressed({}, "knowledge", "false", "only")).toEqual({ knowledge: false });
  expect(pressed({ knowledge: false }, "knowledge", "false", "free")).toEqual({});
});

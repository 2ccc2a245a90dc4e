import { describe, expect, it } from "vitest";

import { GROUPING_FORM, INHIBITION_FORM, labelsOf, NEW_GROUPING, NEW_INHIBITION, NEW_ROUTE, NEW_WINDOW, pathOf, ROUTE_FORM, SILENCE_FORM, WINDOW_FORM } from "./forms";
import type { Route, Silence } from "./kinds";

const matchers = [{ name: "a", op: "=" as const, value: "b" }];
const problems = (form: { schema: unknown }, values: unknown) => ((form.schema as { safeParse: (v: unknown) => { error?: { issues: Array<{ path: PropertyKey[] }> } } }).safeParse(values).error?.issues ?? []).map((issue) => issue.path.join("."));

const route: Route = { id: "r", revision: 1, name: "old", position: 3, matchers, service_id: null, policy_id: "p1", slack_channel: null, pages_from: null, continues: false, is_enabled: false, created_at: "", updated_at: "" };

describe("a route's form", () => {
  it("gives back what is stored, and keeps its place", () => {
    expect(ROUTE_FORM.contentOf(ROUTE_FORM.valuesOf(route), route)).toMatchObject({ name: "old", policy_id: "p1", service_id: null, pages_from: null, position: 3, is_enabled: false });
  });
  it("is tried in the place of the stored one, also while it is renamed or turned off", () => {
    expect(ROUTE_FORM.trialOf({ ...ROUTE_FORM.valuesOf(route), name: "new" }, route, 9)).toMatchObject({ rule: { name: "old", position: 3, is_enabled: true } });
    expect(ROUTE_FORM.trialOf(NEW_ROUTE, null, 9)).toMatchObject({ rule: { position: 9 } });
  });
  it("is not tried while a condition has no label", () => expect(ROUTE_FORM.trialOf({ ...NEW_ROUTE, matchers: [{ name: "", op: "=", value: "" }] }, null, 0)).toBeNull());
});

describe("a silence's form", () => {
  const stored: Silence = { id: "s", revision: 1, state: "active", matchers, starts_at: "2026-03-01T00:00:07.5Z", ends_at: "2026-03-01T06:00:30Z", comment: "new disks", created_by: { kind: "user", id: "u", name: "A" }, created_at: "", updated_at: "", muting: 0, matching: null, matching_is_exact: true };
  it("keeps the seconds of times that nobody touched", () => {
    expect(SILENCE_FORM.contentOf(SILENCE_FORM.valuesOf(stored), stored)).toMatchObject({ starts_at: stored.starts_at, ends_at: stored.ends_at });
  });
  it("without a start begins now, and always has conditions, an end and a reason", () => {
    expect(SILENCE_FORM.contentOf({ matchers, starts_at: "", ends_at: "2026-03-01T06:00", comment: " x " }, null)).toMatchObject({ starts_at: null, comment: "x" });
    expect(problems(SILENCE_FORM, { matchers: [], starts_at: "", ends_at: "", comment: " " })).toEqual(["matchers", "ends_at", "comment"]);
    expect(problems(SILENCE_FORM, { matchers, starts_at: "2026-03-02T00:00", ends_at: "2026-03-01T00:00", comment: "x" })).toEqual(["ends_at"]);
  });
});

describe("the other forms", () => {
  it("say what is missing at its field", () => {
    const window = { ...NEW_WINDOW, timezone: "UTC", starts_at: "2026-03-01T02:00" };
    expect(problems(WINDOW_FORM, { ...window, name: "x", matchers })).toEqual([]);
    expect(problems(WINDOW_FORM, { ...window, name: "x", matchers, duration_minutes: Number.NaN, recurrence: { ...window.recurrence, every: "rule" } })).toEqual(["duration_minutes", "recurrence.rule"]);
    expect(problems(INHIBITION_FORM, NEW_INHIBITION)).toEqual(["name", "source_matchers", "target_matchers"]);
    expect(problems(GROUPING_FORM, { ...NEW_GROUPING, name: "x", threshold: 0 })).toEqual(["threshold"]);
  });
  it("send a window's wall-clock time with seconds and its recurrence", () => {
    expect(WINDOW_FORM.contentOf({ ...NEW_WINDOW, name: "x", matchers, timezone: "UTC", starts_at: "2026-03-01T02:00" }, null)).toMatchObject({ starts_at: "2026-03-01T02:00:00", rrule: null });
  });
  it("read labels with any commas and spaces, each once", () => expect(labelsOf(" cluster,, namespace cluster ")).toEqual(["cluster", "namespace"]));
});

it("the server's fields are told at the form's", () => {
  expect(["$.matchers[0].value", "$.group_by[1]", "$.rrule", "$.ends_at", "$"].map(pathOf)).toEqual(["matchers.0.value", "group_by", "recurrence.rule", "ends_at", "root"]);
});

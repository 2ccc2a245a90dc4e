import { expect, it } from "vitest";

import { suggestionsFrom } from "./suggestions";

it("suggests the alert's own fields and the labels that there are, frequent values first", () => {
  const alerts: Array<{ title: string; labels: Record<string, string> }> = [
    { title: "Disk full", labels: { node: "db-1" } },
    { title: "Disk full", labels: { node: "db-2" } },
    { title: "Slow", labels: { node: "db-2", team: "data" } },
  ];
  const found = suggestionsFrom({ source: [{ value: "grafana", count: 3 }, { value: null, count: 1 }] }, alerts);
  expect([...found.keys()]).toEqual(["@severity", "@source", "@title", "node", "team"]);
  expect(found.get("node")).toEqual(["db-2", "db-1"]);
  expect(found.get("@source")).toEqual(["grafana"]);
  expect(found.get("@title")).toEqual(["Disk full", "Slow"]);
});

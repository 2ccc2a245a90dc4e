import { QueryClient, type FetchQueryOptions } from "@tanstack/react-query";
import { beforeEach, expect, it, vi } from "vitest";

const { net } = vi.hoisted(() => {
  const net: { fetch: (request: Request) => Promise<Response> } = { fetch: () => Promise.reject(new Error("no server yet")) };
  const page = Object.assign(new EventTarget(), { location: { origin: "http://owl.test" } });
  for (const [name, value] of Object.entries({ window: page, fetch: (request: Request) => net.fetch(request) })) Object.defineProperty(globalThis, name, { value, configurable: true });
  return { net };
});

import { foundAlertsQuery, foundGroupsQuery, foundIncidentsQuery, foundPeopleQuery, foundPoliciesQuery, foundRostersQuery, foundRunbooksQuery } from "./palette-queries";

const SEARCHES = [foundAlertsQuery, foundGroupsQuery, foundIncidentsQuery, foundPeopleQuery, foundPoliciesQuery, foundRostersQuery, foundRunbooksQuery];

let asked: Request[];

const ask = (cache: QueryClient, search: { queryKey: readonly unknown[] }) => cache.fetchQuery(search as FetchQueryOptions);

beforeEach(() => {
  asked = [];
  net.fetch = (request) => {
    asked.push(request);
    return Promise.resolve(Response.json({ items: [], next_cursor: null, total: 0 }));
  };
});

it("has the server search every list, for the few that are shown", async () => {
  const cache = new QueryClient();

  for (const found of SEARCHES) await ask(cache, found("db 100%"));

  const urls = asked.map(({ url }) => new URL(url));
  expect(urls.map(({ pathname }) => pathname.replace("/api/v1/", ""))).toEqual(["alerts", "groups", "incidents/search", "users", "policies", "rosters", "runbooks"]);
  expect(urls.map(({ searchParams }) => searchParams.get("q"))).toEqual(SEARCHES.map(() => "db 100%"));
  expect(Math.max(...urls.map(({ searchParams }) => Number(searchParams.get("limit"))))).toBeLessThanOrEqual(20);
});

it("drops what is asked for no more", async () => {
  const cache = new QueryClient();
  net.fetch = (request) => {
    asked.push(request);
    return new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason as Error)));
  };

  const answer = ask(cache, foundRostersQuery("pay")).catch((error: unknown) => error);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  await cache.cancelQueries({ queryKey: ["roster", "palette"] });

  expect(asked[0]!.signal.aborted).toBe(true);
  await answer;
});

it("asks for nothing where nothing is typed", () => expect(SEARCHES.map((found) => found("").enabled)).toEqual(SEARCHES.map(() => false)));

import { QueryClient, QueryObserver } from "@tanstack/react-query";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Schema } from "@/api/client";

import { Applier } from "./apply";
import type { LiveEvent } from "./event";

type Alert = Schema["Alert"];

const IDS = [1, 2, 3].map((n) => `00000000-0000-7000-8000-00000000000${n}`);
const VERBS = { acknowledged: "acknowledged", unacknowledged: "firing", resolved: "resolved", reopened: "firing", repeated: null, commented: null } as const;
type Verb = keyof typeof VERBS;

/** A server of three alerts that answers slowly, and tells what happens as the real one does. */
class Model {
  readonly alerts = new Map(IDS.map((id) => [id, newAlert(id)]));
  asked = 0;
  #events = 0;

  change(id: string, verb: Verb): LiveEvent {
    const was = this.alerts.get(id)!;
    const at = new Date(1_000_000 + was.version).toISOString();
    const status = VERBS[verb] ?? was.status;
    const is: Alert = { ...was, status, version: was.version + 1, occurrence_count: was.occurrence_count + (verb === "repeated" ? 1 : 0), tier: verb === "unacknowledged" ? 0 : was.tier, acknowledged_at: verb === "acknowledged" ? at : status === "firing" ? null : was.acknowledged_at };
    this.alerts.set(id, is);
    this.#events += 1;
    return { id: `e${this.#events}`, noun: "alert", verb, at, actor: { kind: "user", id: "u", name: "U" }, data: { alert_id: id, ...is } };
  }

  async answer<T>(make: (alerts: Alert[]) => T, ms: number): Promise<T> {
    this.asked += 1;
    const seen = make([...this.alerts.values()]);
    await new Promise((resolve) => setTimeout(resolve, ms));
    return seen;
  }
  firing = () => this.answer((all) => ({ pages: [{ items: all.filter((alert) => alert.status === "firing"), total: all.filter((alert) => alert.status === "firing").length }] }), 120);
  counts = () => this.answer((all) => ["firing", "acknowledged", "resolved"].map((status) => all.filter((alert) => alert.status === status).length), 40);
  one = (id: string) => this.answer((all) => all.find((alert) => alert.id === id)!, 300);
}

function newAlert(id: string): Alert {
  return { id, fingerprint: id, version: 1, status: "firing", severity: "major", title: id, source: "generic", occurrence_count: 1, first_fired_at: "", last_fired_at: "", acknowledged_at: null, escalation_state: "pending", tier: 0 } as unknown as Alert;
}

function page(model: Model) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 15_000 } } });
  const applier = new Applier(queries);
  const watch = <T,>(key: unknown[], ask: () => Promise<T>) => new QueryObserver(queries, { queryKey: key, queryFn: ask }).subscribe(() => undefined);
  watch(["alert", "list", "firing"], model.firing);
  watch(["alert", "facets"], model.counts);
  for (const id of IDS) watch(["alert", id], () => model.one(id));
  return { queries, applier };
}

async function expectSame(queries: QueryClient, model: Model) {
  const truth = [model.firing(), model.counts(), ...IDS.map((id) => model.one(id))] as const;
  await vi.advanceTimersByTimeAsync(1_000);
  const held = [["alert", "list", "firing"], ["alert", "facets"], ...IDS.map((id) => ["alert", id])].map((key) => queries.getQueryData(key));
  expect(held).toEqual(await Promise.all(truth));
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

type Step = { is: "change"; id: string; verb: Verb; told: "once" | "twice" | "late" | "never" } | { is: "wait"; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ is: fc.constant("change" as const), id: fc.constantFrom(...IDS), verb: fc.constantFrom(...(Object.keys(VERBS) as Verb[])), told: fc.constantFrom("once" as const, "twice" as const, "late" as const, "never" as const) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 700 }) }) },
);

describe("whatever order events come in", () => {
  it("the cache ends in the server's state; after a gap, once it has caught up", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const model = new Model();
        const { queries, applier } = page(model);
        const late: LiveEvent[] = [];
        let hasGap = false;
        for (const each of steps) {
          if (each.is === "wait") {
            await vi.advanceTimersByTimeAsync(each.ms);
            continue;
          }
          const event = model.change(each.id, each.verb);
          if (each.told === "late") late.unshift(event);
          else if (each.told === "never") hasGap = true;
          else applier.take(each.told === "twice" ? [event, event] : [event]);
        }
        applier.take(late);
        if (hasGap) void applier.catchUp();
        await vi.advanceTimersByTimeAsync(5_000);
        await expectSame(queries, model);
        applier.close();
        queries.clear();
      }),
      { numRuns: 150 },
    );
  });
});

describe("a batch", () => {
  it("is on the screen before anything is asked anew, and an older event changes nothing", async () => {
    const model = new Model();
    const { queries, applier } = page(model);
    await vi.advanceTimersByTimeAsync(1_000);
    const [ack, back] = [model.change(IDS[0]!, "acknowledged"), model.change(IDS[0]!, "unacknowledged")];
    applier.take([back, ack]);
    await vi.advanceTimersByTimeAsync(260);
    expect(queries.getQueryData<Alert>(["alert", IDS[0]!])).toMatchObject({ version: 3, status: "firing" });
  });

  it("asks for the same at most every 0.7 s, and for lists not at all when only counts rise", async () => {
    const model = new Model();
    const { applier } = page(model);
    await vi.advanceTimersByTimeAsync(1_000);
    model.asked = 0;
    for (let n = 0; n < 40; n += 1) {
      applier.take([model.change(IDS[0]!, "repeated")]);
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(2_000);
    expect(model.asked).toBeGreaterThanOrEqual(3);
    expect(model.asked).toBeLessThanOrEqual(6);
  });

  it("of a storm is not patched; what is shown is asked for anew, not for each event", async () => {
    const model = new Model();
    const { queries, applier } = page(model);
    await vi.advanceTimersByTimeAsync(1_000);
    model.asked = 0;
    for (let n = 0; n < 20; n += 1) {
      applier.take(Array.from({ length: 100 }, () => model.change(IDS[n % 3]!, "repeated")));
      await vi.advanceTimersByTimeAsync(250);
    }
    await vi.advanceTimersByTimeAsync(2_000);
    expect(model.asked).toBeLessThanOrEqual(5 * 8);
    await expectSame(queries, model);
  });

  it("leaves a failed answer failed and an old one old", async () => {
    const model = new Model();
    const { queries, applier } = page(model);
    await vi.advanceTimersByTimeAsync(1_000);
    queries.setQueryData(["alert", "list", "elsewhere"], { items: [...model.alerts.values()] }, { updatedAt: 5 });
    await queries.invalidateQueries({ queryKey: ["alert", "list", "elsewhere"] });
    applier.take([model.change(IDS[1]!, "repeated")]);
    await vi.advanceTimersByTimeAsync(300);
    expect(queries.getQueryState<{ items: Alert[] }>(["alert", "list", "elsewhere"])).toMatchObject({ isInvalidated: true, dataUpdatedAt: 5 });
    expect(queries.getQueryData<{ items: Alert[] }>(["alert", "list", "elsewhere"])!.items[1]!.version).toBe(2);
  });
});

/** Which answers an event makes old. Pure. */
import { alertOf, subjectOf, type LiveEvent } from "./event";

/** Answers of a noun: about one thing, about many (`lists`: lists, counts), or all of them. */
export interface Target {
  noun: string;
  of: { id: string } | "lists" | "all";
}

export function nameOf({ noun, of }: Target): string {
  return `${noun} ${typeof of === "string" ? of : of.id}`;
}

/** Nouns whose answers are made from the things that events of a noun are about. */
const MADE_FROM: Readonly<Record<string, readonly string[]>> = {
  alert: ["group", "now", "setup"],
  delivery: ["now"],
  leave: ["roster", "oncall", "now"],
  oncall: ["roster", "now"],
  policy: ["setup"],
  rule: ["now"],
  roster: ["oncall", "now", "setup"],
};

export function derivedOf({ noun }: LiveEvent): Target[] {
  return (MADE_FROM[noun] ?? []).map((made) => ({ noun: made, of: "all" }));
}

/**
 * What to ask for anew after an event.
 *
 * A repeat changes no list beyond what the event tells, unless `hasMoved`: it is worse than what the lists hold.
 */
export function targetsOf(event: LiveEvent, hasMoved: boolean): Target[] {
  const { noun, verb, data } = event;
  const derived = derivedOf(event);
  const id = subjectOf(event);
  if (alertOf(event)) {
    const one: Target = { noun, of: { id: id! } };
    return verb === "repeated" && !hasMoved ? [one, { noun: "now", of: "all" }] : [one, { noun, of: "lists" }, ...derived];
  }
  if (noun === "delivery" && typeof data["alert_id"] === "string") return [{ noun, of: "all" }, { noun: "alert", of: { id: data["alert_id"] } }, ...derived];
  return [{ noun, of: "all" }, ...derived];
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;

/** Whether the answer under a query's key is one of the target's. Keys: `[noun, id, …]` for one thing, `[noun, word, …]` for many. */
export function isHit(key: readonly unknown[], { noun, of }: Target): boolean {
  if (key[0] !== noun) return false;
  if (of === "all") return true;
  const isOfOne = typeof key[1] === "string" && ID.test(key[1]);
  return of === "lists" ? !isOfOne : key[1] === of.id;
}

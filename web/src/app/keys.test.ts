import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

// The hooks as a page runs them: an effect runs when its part comes, and what it returns when the part goes.
const gone: Array<() => void> = [];
vi.mock("react", () => ({
  useRef: (value: unknown) => ({ current: value }),
  useEffect: (effect: () => void | (() => void)) => {
    const clean = effect();
    if (clean) gone.push(clean);
  },
}));

import { isNotOurs, meaningOf, useKeys, type Keys } from "./keys";

class FakeElement {
  constructor(private readonly tag: string) {}
  closest(selector: string): FakeElement | null {
    return selector.split(", ").includes(this.tag) ? this : null;
  }
}

let page: EventTarget;
let chosen: string | null;

beforeEach(() => {
  page = new EventTarget();
  chosen = null;
  vi.stubGlobal("window", page);
  vi.stubGlobal("Element", FakeElement);
  vi.stubGlobal("localStorage", { getItem: () => chosen });
});
afterEach(() => {
  for (const leave of gone.splice(0)) leave();
  vi.unstubAllGlobals();
});

function press(key: string, more: Partial<KeyboardEvent> & { on?: string; at?: number } = {}): KeyboardEvent {
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, repeat: false, ...more });
  Object.defineProperties(event, { target: { value: more.on ? new FakeElement(more.on) : null }, timeStamp: { value: more.at ?? 0 } });
  page.dispatchEvent(event);
  return event as unknown as KeyboardEvent;
}

function bind(names: readonly string[]): string[] {
  const pressed: string[] = [];
  useKeys(Object.fromEntries(names.map((name) => [name, () => pressed.push(name)])) as Keys);
  return pressed;
}

describe("on an alert's page", () => {
  it("ctrl+r reloads and resolves nothing; the browser keeps the press", () => {
    const pressed = bind(["r", "a"]);
    const events = [press("r", { ctrlKey: true }), press("r", { metaKey: true }), press("a", { altKey: true }), press("r", { repeat: true })];
    expect([pressed, events.map((event) => event.defaultPrevented)]).toEqual([[], [false, false, false, false]]);
    press("r");
    expect(pressed).toEqual(["r"]);
  });

  it("rests in fields, dialogs and menus, while composing, and when turned off", () => {
    const pressed = bind(["a"]);
    for (const on of ["input", "textarea", "select", "[contenteditable=true]", "[role=dialog]", "[role=menu]", "[role=grid]"]) press("a", { on });
    press("a", { isComposing: true });
    chosen = "off";
    press("a");
    expect(pressed).toEqual([]);
    expect(isNotOurs(press("a", { on: "button" }))).toBe(false);
  });

  it("`g a` goes to the alerts and acknowledges nothing, `g x` does nothing at all", () => {
    const [shell, alert] = [bind(["g a", "g n", "?"]), bind(["a", "x", "shift+x"])];
    for (const key of ["g", "a", "g", "x"]) press(key);
    expect([shell, alert]).toEqual([["g a"], []]);
    press("a");
    press("X", { shiftKey: true });
    press("?", { shiftKey: true });
    expect([shell, alert]).toEqual([["g a", "?"], ["a", "shift+x"]]);
  });

  it("a sequence that was not finished in time is over", () => {
    const pressed = bind(["g a", "a"]);
    press("g", { at: 0 });
    press("a", { at: 1_300 });
    expect(pressed).toEqual(["a"]);
  });

  it("what came last has the key, until it goes", () => {
    const [list, pane] = [bind(["a"]), bind(["a"])];
    press("a");
    gone.pop()!();
    press("a");
    expect([list, pane]).toEqual([["a"], ["a"]]);
  });
});

it("a press within a sequence is awaited only when something begins so", () => {
  const keys: Keys = { "g a": () => undefined, a: () => undefined };
  expect(meaningOf([keys], null, "g")).toEqual({ begun: "g" });
  expect(meaningOf([keys], null, "a").act).toBe(keys["a"]);
  expect(meaningOf([keys], "g", "z")).toEqual({ act: undefined, begun: null });
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { beginTypeAhead, endTypeAhead } from "./type-ahead";

beforeEach(() => void vi.stubGlobal("window", new EventTarget()));
afterEach(() => {
  endTypeAhead();
  vi.unstubAllGlobals();
});

/** Whether the browser may go on with it. */
const press = (key: string, more: KeyboardEventInit = {}) => window.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), { key, ...more }));

test("what is typed meanwhile is kept, and the page behind hears nothing of it", () => {
  const heard = vi.fn();
  beginTypeAhead();
  window.addEventListener("keydown", heard); // behind it also here, where nothing is captured
  for (const key of ["a", "x", "Backspace", "c", "k", " ", "Shift", "B"]) press(key);
  beginTypeAhead(); // asked for twice
  press("o");

  expect(endTypeAhead()).toBe("ack Bo");
  expect(heard.mock.calls.map(([event]) => (event as KeyboardEvent).key)).toEqual(["Shift"]);
  press("a");
  expect(heard).toHaveBeenCalledTimes(2);
});

test("commands of the browser stay the browser's", () => {
  beginTypeAhead();

  expect(press("r", { ctrlKey: true })).toBe(true);
  expect(endTypeAhead()).toBe("");
});

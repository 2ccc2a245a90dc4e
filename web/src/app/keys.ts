/**
 * Single keys for whoever works without a mouse.
 *
 * They are dead while ctrl, meta or alt is held (ctrl+r reloads and nothing else), in fields, while composing, in
 * dialogs, and when the person turned them off (WCAG 2.1.4).
 */
import { useEffect, useRef } from "react";

/** Key or sequence (`"a"`, `"shift+x"`, `"g a"`) → what it does. */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const SEQUENCE_MS = 1_200;
const CHOICE = "nightowl.keys";

export function areKeysOn(): boolean {
  return localStorage.getItem(CHOICE) !== "off";
}

export function turnKeys(on: boolean): void {
  localStorage.setItem(CHOICE, on ? "on" : "off");
}

/** Whether a key press is text or a command of the browser, and so not ours. Pure but for the DOM it looks at. */
export function isNotOurs(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || event.repeat) return true;
  const target = event.target instanceof Element ? event.target : null;
  return target?.closest("input, textarea, select, [contenteditable=true], [role=dialog], [role=menu], [role=grid]") != null;
}

/** The name that `Keys` has for a press: letters as typed, `shift+` only before letters. */
export function nameOf(event: Pick<KeyboardEvent, "key" | "shiftKey">): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.shiftKey && /^[a-z]$/u.test(key) ? `shift+${key}` : key;
}

/** Binds keys while the component is there. The newest binding of a key wins. */
export function useKeys(keys: Keys, isActive = true): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (!isActive) return;
    let before: { name: string; at: number } | null = null;
    const onKey = (event: KeyboardEvent) => {
      if (isNotOurs(event) || !areKeysOn()) return;
      const name = nameOf(event);
      const sequence = before && event.timeStamp - before.at < SEQUENCE_MS ? `${before.name} ${name}` : null;
      before = { name, at: event.timeStamp };
      const act = (sequence !== null && current.current[sequence]) || (sequence === null || !beginsSequence(current.current, sequence) ? current.current[name] : undefined);
      if (!act) return;
      before = null;
      event.preventDefault();
      act(event);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [isActive]);
}

function beginsSequence(keys: Keys, name: string): boolean {
  return Object.keys(keys).some((key) => key.startsWith(`${name} `));
}

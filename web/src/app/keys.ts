/**
 * Single keys for whoever works without a mouse.
 *
 * They are dead while ctrl, meta or alt is held (ctrl+r reloads and nothing else), in fields, while composing, in
 * dialogs, and when the person turned them off (WCAG 2.1.4). What is bound are the usual keys, wherever the person has put
 * them.
 */
import { useEffect, useRef } from "react";

import { usualKey } from "@/ui/key-map";

/** Key or sequence (`"a"`, `"shift+x"`, `"g a"`) → what it does. */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const SEQUENCE_MS = 1_200;
const MODIFIERS = new Set(["Shift", "CapsLock", "NumLock", "AltGraph"]);
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

interface Meaning {
  act?: Keys[string];
  /** The press that a sequence has begun with; the next one belongs to it, whatever it means alone. */
  begun: string | null;
}

/** What a press means, given what all parts of the page have bound, the newest binding last. Pure. */
export function meaningOf(bindings: readonly Keys[], begun: string | null, name: string): Meaning {
  const pressed = begun === null ? name : `${begun} ${name}`;
  if (bindings.some((keys) => Object.keys(keys).some((key) => key.startsWith(`${pressed} `)))) return { begun: pressed };
  return { act: bindings.findLast((keys) => keys[pressed])?.[pressed], begun: null };
}

/** One list for the whole page: were each part to listen for itself, the `a` of `g a` would acknowledge an alert. */
const bound: Array<{ current: Keys }> = [];
let begun: { name: string; at: number } | null = null;

function onKey(event: KeyboardEvent): void {
  if (isNotOurs(event) || !areKeysOn() || MODIFIERS.has(event.key)) return;
  const before = begun && event.timeStamp - begun.at < SEQUENCE_MS ? begun.name : null;
  // The second key of a sequence is the place's own.
  const name = before === null ? usualKey(nameOf(event)) : nameOf(event);
  if (name === null) return;
  const meaning = meaningOf(bound.map((each) => each.current), before, name);
  begun = meaning.begun === null ? null : { name: meaning.begun, at: event.timeStamp };
  if (!meaning.act) return;
  event.preventDefault();
  meaning.act(event);
}

/** Binds keys while the component is there. The newest binding of a key wins. */
export function useKeys(keys: Keys, isActive = true): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (!isActive) return;
    bound.push(current);
    if (bound.length === 1) window.addEventListener("keydown", onKey);
    return () => {
      bound.splice(bound.indexOf(current), 1);
      if (bound.length === 0) window.removeEventListener("keydown", onKey);
    };
  }, [isActive]);
}

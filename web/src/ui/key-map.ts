/** Single keys that a person has put elsewhere. What the page binds, and says, are the usual ones; this turns one into the other. */
export type KeyMap = Readonly<Record<string, string>>;

const CHOICE = "nightowl.key-map";

let chosen: KeyMap = readChosen();
let usual: KeyMap = turned(chosen);

/** `map`: usual key → the one that does its work. */
export function mapKeys(map: KeyMap): void {
  localStorage.setItem(CHOICE, JSON.stringify(map));
  chosen = map;
  usual = turned(map);
}

/** Usual key → the one that does its work, for those that were put elsewhere. */
export function keyMap(): KeyMap {
  return chosen;
}

/** The usual key that a press stands for; null when its work was given to another key. */
export function usualKey(name: string): string | null {
  const shift = name.startsWith("shift+") ? "shift+" : "";
  const key = name.slice(shift.length);
  const meant = usual[key] ?? (key in chosen ? null : key);
  return meant === null ? null : `${shift}${meant}`;
}

/** The key to press for a usual one, or for a sequence that begins with it. */
export function shownKey(name: string): string {
  const [first = "", ...rest] = name.split(" ");
  return [chosen[first] ?? first, ...rest].join(" ");
}

function turned(map: KeyMap): KeyMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [value, key]));
}

/** The copy of this browser; nothing where there is none, or no storage. */
function readChosen(): KeyMap {
  const kept: unknown = typeof localStorage === "undefined" ? null : JSON.parse(localStorage.getItem(CHOICE) ?? "{}");
  return kept !== null && typeof kept === "object" ? Object.fromEntries(Object.entries(kept).filter((pair): pair is [string, string] => typeof pair[1] === "string")) : {};
}

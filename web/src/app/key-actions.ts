/** What single keys do, and which of them a person may put elsewhere. Pure. */
import type { KeyMap } from "@/ui/key-map";

export interface KeyAction {
  /** Its name among the preferences. */
  name: string;
  usual: string;
  words: string;
  place: "Anywhere" | "Alerts";
}

const of = (place: KeyAction["place"], rows: ReadonlyArray<readonly [string, string, string]>): KeyAction[] => rows.map(([name, usual, words]) => ({ name, usual, words, place }));

export const KEY_ACTIONS: readonly KeyAction[] = [
  ...of("Anywhere", [
    ["go", "g", "go to a place, with a second key"],
    ["undo", "u", "undo what was done last"],
    ["search", "/", "search"],
    ["sheet", "?", "all keys"],
  ]),
  ...of("Alerts", [
    ["next", "j", "next"],
    ["previous", "k", "previous"],
    ["select", "x", "select"],
    ["acknowledge", "a", "acknowledge"],
    ["investigate", "i", "investigate"],
    ["snooze", "s", "snooze"],
    ["escalate", "e", "escalate now"],
    ["resolve", "r", "resolve, with a reason"],
    ["comment", "c", "comment"],
    ["assign", "m", "assign"],
    ["filters", "f", "filters"],
  ]),
];

/** Action → key, as the server keeps them. */
export type ChosenKeys = Readonly<Record<string, string>>;

/** The key of an action. */
export function keyOf(action: KeyAction, chosen: ChosenKeys): string {
  return chosen[action.name] ?? action.usual;
}

/** What is wrong with each key, by action; nothing where all is right. */
export function wrongKeys(chosen: ChosenKeys): Record<string, string> {
  return Object.fromEntries(
    KEY_ACTIONS.flatMap((action) => {
      const key = keyOf(action, chosen);
      const other = KEY_ACTIONS.find((each) => each !== action && keyOf(each, chosen) === key);
      const reason = !/^[^\s\p{C}\p{Lu}]$/u.test(key) ? "One letter, digit or sign." : other && `Also the key for: ${other.words}.`;
      return reason ? [[action.name, reason]] : [];
    }),
  );
}

/** Only what differs from the usual keys. */
export function changedKeys(chosen: ChosenKeys): ChosenKeys {
  return Object.fromEntries(KEY_ACTIONS.filter((action) => keyOf(action, chosen) !== action.usual).map((action) => [action.name, keyOf(action, chosen)]));
}

/** Action → key again. */
export function chosenOf(map: KeyMap): ChosenKeys {
  return Object.fromEntries(KEY_ACTIONS.flatMap(({ name, usual }) => (map[usual] === undefined ? [] : [[name, map[usual]]])));
}

/** Usual key → chosen one. Keys that contradict each other, as an older version may have left them, are all as usual. */
export function mapOf(chosen: ChosenKeys): KeyMap {
  if (Object.keys(wrongKeys(chosen)).length > 0) return {};
  return Object.fromEntries(KEY_ACTIONS.filter(({ name }) => name in changedKeys(chosen)).map((action) => [action.usual, keyOf(action, chosen)]));
}

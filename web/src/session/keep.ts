/** What a person prefers on the screen, as this browser keeps it: there before the first paint, and without a session. */
import { turnKeys } from "@/app/keys";
import type { Schema } from "@/api/client";
import { turnSound } from "@/live/sound";

import { applyTheme } from "./theme";

export type Preferences = Schema["MyPreferences"];
export type Density = NonNullable<Preferences["density"]>;

const DENSITY = "nightowl.density";

export function chosenDensity(): Density {
  return localStorage.getItem(DENSITY) === "compact" ? "compact" : "comfortable";
}

/** Makes this browser do as the server says. */
export function keep(preferences: Preferences): void {
  applyTheme(preferences.theme ?? "system");
  localStorage.setItem(DENSITY, preferences.density ?? "comfortable");
  turnKeys(preferences.has_keys ?? true);
  turnSound(preferences.has_sound ?? false);
}

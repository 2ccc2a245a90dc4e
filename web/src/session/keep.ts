/** What a person prefers on the screen, as this browser keeps it: there before the first paint, and without a session. */
import { mapOf } from "@/app/key-actions";
import { turnKeys } from "@/app/keys";
import type { Schema } from "@/api/client";
import { turnSound } from "@/live/sound";
import { showIn } from "@/time/words";
import { mapKeys } from "@/ui/key-map";

import { keepLanding } from "./landing";
import { applyTheme } from "./theme";

export type Preferences = Schema["MyPreferences"];
export type Density = NonNullable<Preferences["density"]>;

const DENSITY = "nightowl.density";
const ZONE = "nightowl.zone";

if (typeof localStorage !== "undefined") showIn(chosenZone());

/** The zone that the person chose for times; null: each browser's own. */
export function chosenZone(): string | null {
  return localStorage.getItem(ZONE) || null;
}

export function chosenDensity(): Density {
  return localStorage.getItem(DENSITY) === "compact" ? "compact" : "comfortable";
}

/** Makes this browser do as the server says. */
export function keep(preferences: Preferences): void {
  applyTheme(preferences.theme ?? "system");
  localStorage.setItem(DENSITY, preferences.density ?? "comfortable");
  turnKeys(preferences.has_keys ?? true);
  turnSound(preferences.has_sound ?? false);
  localStorage.setItem(ZONE, preferences.time_zone ?? "");
  showIn(preferences.time_zone ?? null);
  keepLanding(preferences.landing ?? "now");
  mapKeys(mapOf(preferences.keys ?? {}));
}

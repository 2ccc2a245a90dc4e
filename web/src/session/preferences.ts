/**
 * What a person prefers on the screen. The server keeps it, so that it follows them to the next browser; a copy here is
 * there before the first paint, and for those who have not signed in.
 */
import { mapOf } from "@/app/key-actions";
import { turnKeys } from "@/app/keys";
import { client, read, type Schema } from "@/api/client";
import { turnSound } from "@/live/sound";
import { showIn } from "@/time/words";
import { mapKeys } from "@/ui/key-map";
import { toast } from "@/ui/toast";

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

/** Changes some of it, here at once and then at the server. Where that fails it is said, and holds here until a reload. */
export async function prefer(change: Partial<Preferences>): Promise<void> {
  try {
    const before = await read(client.GET("/api/v1/me/preferences"));
    const wanted = { ...before, ...change };
    keep(wanted);
    await read(client.PUT("/api/v1/me/preferences", { body: wanted }));
  } catch (error) {
    toast.failed(`Not kept: ${error instanceof Error ? error.message : String(error)}`);
  }
}

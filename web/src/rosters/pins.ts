/** Locked turns that are not saved yet. Pure. */
import type { Schema } from "@/api/client";

import { iso } from "./zones";

type Pin = Schema["Pin"];
type PinContent = Schema["PinContent"];

export function pinOf({ user, turn_at, reason }: Pin): PinContent {
  return { user_id: user.id, turn_at, reason };
}

/** The pins as they would stand, for the server's preview. */
export function pinsWith(standing: readonly Pin[], content: PinContent): PinContent[] {
  return [...standing.map(pinOf), content];
}

export function pinsWithout(standing: readonly Pin[], id: string): PinContent[] {
  return standing.filter((pin) => pin.id !== id).map(pinOf);
}

/** A shift and some days around it; before it only what is still to come. */
export function spanAround(shift: { starts_at: string; ends_at: string }, around: number, now: number): { starts_at: string; ends_at: string } {
  const start = Date.parse(shift.starts_at);
  return { starts_at: iso(Math.min(start, Math.max(start - around, now))), ends_at: iso(Date.parse(shift.ends_at) + around) };
}

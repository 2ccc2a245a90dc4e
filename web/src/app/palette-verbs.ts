/** What can be done with what a page has selected, offered first in the palette. */
import { useEffect, useRef } from "react";

export interface Verb {
  /** With its object: "Acknowledge 4 alerts". */
  label: string;
  run: () => void;
  /** Why it cannot be done now; it is shown and cannot be chosen. */
  disabledReason?: string | undefined;
  /** The key that does the same. */
  hint?: string | undefined;
  /** One of many of its kind: shown to who types for it. */
  isMinor?: boolean;
  /** What it does with somebody whose name is typed behind it. */
  withPerson?: WithPerson | undefined;
}

export interface WithPerson {
  /** Plain small letters: `hand over to`. */
  begins: readonly string[];
  label: (name: string) => string;
  run: (person: { id: string; name: string }) => void;
}

type Offering = () => readonly Verb[];

const registered: Array<{ current: Offering }> = [];

/** Offers verbs while the component is there, made when they are looked at; those of the newest component come first. */
export function usePaletteVerbs(verbs: Offering): void {
  const current = useRef(verbs);
  current.current = verbs;
  useEffect(() => {
    registered.unshift(current);
    return () => {
      registered.splice(registered.indexOf(current), 1);
    };
  }, []);
}

/** The verbs as they are now. */
export function verbsNow(): Verb[] {
  return registered.flatMap((each) => each.current());
}

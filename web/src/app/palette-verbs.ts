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
}

const registered: Array<{ current: readonly Verb[] }> = [];

/** Offers verbs while the component is there; those of the newest component come first. */
export function usePaletteVerbs(verbs: readonly Verb[]): void {
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
  return registered.flatMap((each) => each.current);
}

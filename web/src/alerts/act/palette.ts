/** What can be done to alerts, as the palette offers it: the buttons' verbs, refusals and words, with their object. */
import type { Offer, Verb } from "@/alerts/detail/verbs";
import type { Verb as PaletteVerb } from "@/app/palette-verbs";
import { serverNow } from "@/time/clock";
import { localZone } from "@/time/words";

import type { Chosen } from "./person-dialogs";
import { SNOOZES, snoozeTimes } from "./snooze-times";

export interface Hands {
  /** At once, or through the dialog that asks for the rest. */
  act: (verb: Verb) => void;
  snooze?: (until: string) => void;
  assign?: (person: Chosen) => void;
  handOver?: (person: Chosen, minutes: number) => void;
}

/** How long somebody has it who was chosen in the palette, where nothing else is asked. */
export const HAND_OVER_MINUTES = 15;

const WITH_OBJECT: Record<Verb, (subject: string) => string> = {
  acknowledge: (subject) => `Acknowledge ${subject}`,
  unacknowledge: (subject) => `Give back ${subject}`,
  investigate: (subject) => `Investigate ${subject}`,
  reopen: (subject) => `Reopen ${subject}`,
  snooze: (subject) => `Snooze ${subject} until…`,
  unsnooze: (subject) => `End the snooze of ${subject}`,
  escalate: (subject) => `Escalate now: ${subject}…`,
  "hand-over": (subject) => `Hand over ${subject}…`,
  assign: (subject) => `Assign ${subject}…`,
  resolve: (subject) => `Resolve ${subject}…`,
  comment: (subject) => `Comment on ${subject}…`,
};

/** `subject`: `“Disk full”`, `4 alerts`. */
export function verbsOf(subject: string, offers: readonly Offer[], hands: Hands): PaletteVerb[] {
  return offers.flatMap((offer): PaletteVerb[] => {
    const shared = { disabledReason: offer.refusal };
    const verb = { ...shared, label: WITH_OBJECT[offer.verb](subject), run: () => hands.act(offer.verb), hint: offer.key };
    const { snooze, assign, handOver } = hands;
    if (offer.verb === "snooze" && snooze) return [...snoozes(subject, snooze).map((each) => ({ ...each, ...shared })), verb];
    if (offer.verb === "assign" && assign) return [{ ...verb, withPerson: { begins: ["assign", "assign to"], label: (name) => `Assign to ${name}`, run: assign } }];
    if (offer.verb === "hand-over" && (handOver || offer.refusal)) return [{ ...verb, withPerson: { begins: BEGINS, label: saidHandOver, run: (person) => handOver?.(person, HAND_OVER_MINUTES) } }];
    return [verb];
  });
}

const BEGINS = ["hand", "hand to", "hand over", "hand over to", "escalate to"];

function saidHandOver(name: string): string {
  return `Hand over to ${name}: paged now, escalation goes on after ${HAND_OVER_MINUTES} minutes`;
}

/** The instant is counted from the choice, not from when the palette was opened. */
function snoozes(subject: string, snooze: (until: string) => void): PaletteVerb[] {
  return SNOOZES.map((label, place) => ({
    label: `Snooze ${subject} ${label.startsWith("until") ? label : `for ${label}`}`,
    run: () => snooze(snoozeTimes(serverNow(), localZone)[place]!.until),
    isMinor: place > 0,
  }));
}

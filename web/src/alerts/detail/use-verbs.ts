/** Doing to one alert what is offered: at once where nothing is left to ask, else through a dialog. */
import { useState } from "react";

import { useAlertActions } from "@/alerts/act/actions";
import { shortened, type Alert } from "@/alerts/act/commands";
import { verbsOf } from "@/alerts/act/palette";
import { useKeys, type Keys } from "@/app/keys";
import { usePaletteVerbs } from "@/app/palette-verbs";
import { may, useMe } from "@/session/me";

import { FOR_READERS, offersTo, type Offer, type Verb } from "./verbs";

/** Verbs of which something is asked first. */
export type Asked = Extract<Verb, "resolve" | "snooze" | "assign" | "hand-over" | "comment" | "escalate">;

const ASKED: ReadonlySet<Verb> = new Set<Asked>(["resolve", "snooze", "assign", "hand-over", "comment", "escalate"]);

export interface Verbs {
  offers: readonly Offer[];
  /** Why none of them can be done by this person. */
  refusal: string | null;
  act: (verb: Verb) => void;
  asked: Asked | null;
  dismiss: () => void;
}

export function useVerbs(alert: Alert): Verbs {
  const mayAct = may(useMe(), "engineer");
  const actions = useAlertActions();
  const [asked, setAsked] = useState<Asked | null>(null);
  const offers = offersTo(alert, mayAct);
  const act = (verb: Verb) => {
    if (ASKED.has(verb)) return setAsked(verb as Asked);
    if (verb === "acknowledge") void actions.acknowledge(alert);
    else if (verb === "unacknowledge") void actions.unacknowledge(alert);
    else if (verb === "investigate") void actions.investigate(alert);
    else if (verb === "reopen") void actions.reopen(alert);
    else if (verb === "unsnooze") void actions.unsnooze(alert);
  };
  const keys: Keys = Object.fromEntries(offers.flatMap((offer) => (offer.key && !offer.refusal ? [[offer.key, () => act(offer.verb)] as const] : [])));
  useKeys(keys, asked === null);
  usePaletteVerbs(() =>
    verbsOf(`“${shortened(alert.title)}”`, offers, {
      act,
      snooze: (until) => void actions.snooze(alert, until),
      assign: ({ id, name }) => void actions.assign(alert, id, name),
      handOver: ({ id }, minutes) => void actions.handOver(alert, id, minutes),
    }),
  );
  return { offers, refusal: mayAct ? null : FOR_READERS, act, asked, dismiss: () => setAsked(null) };
}

/** What the palette offers on the list: for the selected alerts, else for the one under the cursor. */
import type { AlertActions } from "@/alerts/act/actions";
import { shortened } from "@/alerts/act/commands";
import { verbsOf, type Hands } from "@/alerts/act/palette";
import type { BulkCommand } from "@/alerts/bulk/words";
import { OFFERS_FOR_MANY, offersTo, type Verb } from "@/alerts/detail/verbs";
import { usePaletteVerbs } from "@/app/palette-verbs";

import type { Ask } from "./ask";
import type { Alert } from "./queries";

interface ListVerbs {
  /** The selected ones in words; null while none is. */
  subject: string | null;
  under: Alert | undefined;
  mayAct: boolean;
  isBusy: boolean;
  actions: AlertActions;
  onBulk: (command: BulkCommand) => void;
  onAsk: (ask: Ask) => void;
}

export function useListVerbs(list: ListVerbs): void {
  usePaletteVerbs(() => {
    const { subject, under } = list;
    if (subject !== null) return verbsOf(subject, OFFERS_FOR_MANY.map((offer) => (list.isBusy ? { ...offer, refusal: "The last change is being asked for." } : offer)), handsOnMany(list));
    return under ? verbsOf(`“${shortened(under.title)}”`, offersTo(under, list.mayAct), handsOn(under, list)) : [];
  });
}

function handsOnMany({ onBulk, onAsk }: ListVerbs): Hands {
  return {
    act: (verb) => {
      if (verb === "acknowledge" || verb === "investigate") onBulk({ action: verb });
      else if (isAsked(verb)) onAsk({ kind: verb, alert: null });
    },
    snooze: (until) => onBulk({ action: "snooze", arguments: { until } }),
    assign: ({ id }) => onBulk({ action: "assign", arguments: { assignee_id: id } }),
  };
}

function handsOn(alert: Alert, { actions, onAsk }: ListVerbs): Hands {
  return {
    act: (verb) => {
      if (isAsked(verb)) onAsk({ kind: verb, alert });
      else void actions[verb](alert);
    },
    snooze: (until) => void actions.snooze(alert, until),
    assign: ({ id, name }) => void actions.assign(alert, id, name),
    handOver: ({ id }, minutes) => void actions.handOver(alert, id, minutes),
  };
}

const ASKED: ReadonlySet<Verb> = new Set<Ask["kind"]>(["resolve", "snooze", "assign", "comment", "escalate", "hand-over"]);

function isAsked(verb: Verb): verb is Ask["kind"] {
  return ASKED.has(verb);
}

/** The dialog that the chosen verb needs, for one alert. */
import { useQuery } from "@tanstack/react-query";

import { useAlertActions } from "@/alerts/act/actions";
import type { Alert } from "@/alerts/act/commands";
import { CommentDialog, ResolveDialog, SnoozeDialog } from "@/alerts/act/dialogs";
import { AssignDialog, HandOverDialog } from "@/alerts/act/person-dialogs";
import { ladderQuery } from "@/alerts/queries";
import { Confirm } from "@/ui/dialog";

import { capitalized, nextOf } from "./ladder-rungs";
import type { Verbs } from "./use-verbs";

export function AlertDialogs({ alert, verbs }: { alert: Alert; verbs: Verbs }) {
  const actions = useAlertActions();
  const shared = { subject: alert.title, onClose: verbs.dismiss };
  switch (verbs.asked) {
    case "resolve":
      return <ResolveDialog {...shared} known={alert.matched_incident?.title} onResolve={(resolution, didHelp) => void actions.resolve(alert, resolution, didHelp)} />;
    case "snooze":
      return <SnoozeDialog {...shared} onSnooze={(until) => void actions.snooze(alert, until)} />;
    case "comment":
      return <CommentDialog {...shared} onComment={(text) => void actions.comment(alert, text)} />;
    case "assign":
      return <AssignDialog {...shared} assignee={alert.assignee && { id: alert.assignee.id, name: alert.assignee.display_name }} onAssign={(person) => void actions.assign(alert, person?.id ?? null, person?.name)} />;
    case "hand-over":
      return <HandOverDialog {...shared} onHandOver={(person, minutes) => void actions.handOver(alert, person.id, minutes)} />;
    case "escalate":
      return <EscalateDialog alert={alert} onClose={verbs.dismiss} onEscalate={() => void actions.escalateNow(alert)} />;
    case null:
      return null;
  }
}

/** A page cannot be called back once it rings, so this one asks, and names who it will be. */
function EscalateDialog({ alert, onClose, onEscalate }: { alert: Alert; onClose: () => void; onEscalate: () => void }) {
  const ladder = useQuery(ladderQuery(alert.id));
  const rung = ladder.data?.next[0];
  const next = nextOf(ladder.data);
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title="Escalate now?"
      action="Page the next tier now"
      onConfirm={() => {
        onEscalate();
        onClose();
      }}
    >
      {rung?.is_end ? "The end of the ladder is reached: the admins are told that nobody acknowledged." : `${capitalized(next?.name ?? "the next tier")} is paged at once${next?.people.length ? `: ${next.people.join(", ")}` : ""}.`} A page that is out cannot be called back.
    </Confirm>
  );
}

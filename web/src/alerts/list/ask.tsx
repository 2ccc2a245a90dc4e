/** The dialogs that ask for the rest of what is to be done, to one alert or to the selected ones. */
import type { AlertActions } from "@/alerts/act/actions";
import { CommentDialog, ResolveDialog, SnoozeDialog } from "@/alerts/act/dialogs";
import { AssignDialog, HandOverDialog } from "@/alerts/act/person-dialogs";
import type { BulkCommand } from "@/alerts/bulk/words";
import { Confirm } from "@/ui/dialog";

import type { Alert } from "./queries";

export interface Ask {
  kind: "resolve" | "snooze" | "assign" | "comment" | "escalate" | "hand-over";
  /** Null: the selected ones, which cannot be handed over. */
  alert: Alert | null;
}

interface ListAskProps {
  ask: Ask;
  /** The selected ones, in words. */
  subject: string;
  actions: AlertActions;
  onBulk: (command: BulkCommand) => void;
  onClose: () => void;
}

export function ListAsk({ ask: { kind, alert }, subject, actions, onBulk, onClose }: ListAskProps) {
  const about = alert ? `“${alert.title}”` : subject;
  switch (kind) {
    case "resolve":
      return (
        <ResolveDialog
          subject={about}
          known={alert?.matched_incident?.title}
          onClose={onClose}
          onResolve={(resolution, didHelp) => (alert ? void actions.resolve(alert, resolution, didHelp) : onBulk({ action: "resolve", arguments: { resolution } }))}
        />
      );
    case "snooze":
      return <SnoozeDialog subject={about} onClose={onClose} onSnooze={(until) => (alert ? void actions.snooze(alert, until) : onBulk({ action: "snooze", arguments: { until } }))} />;
    case "comment":
      return <CommentDialog subject={about} onClose={onClose} onComment={(text) => (alert ? void actions.comment(alert, text) : onBulk({ action: "comment", arguments: { text } }))} />;
    case "assign":
      return (
        <AssignDialog
          subject={about}
          assignee={alert?.assignee ? { id: alert.assignee.id, name: alert.assignee.display_name } : null}
          onClose={onClose}
          onAssign={(person) => (alert ? void actions.assign(alert, person?.id ?? null, person?.name) : onBulk({ action: "assign", arguments: { assignee_id: person?.id ?? null } }))}
        />
      );
    case "hand-over":
      return alert && <HandOverDialog subject={about} onClose={onClose} onHandOver={(person, minutes) => void actions.handOver(alert, person.id, minutes)} />;
    case "escalate":
      return (
        <Confirm
          isOpen
          onClose={onClose}
          onConfirm={() => {
            if (alert) void actions.escalateNow(alert);
            else onBulk({ action: "escalate" });
            onClose();
          }}
          title={`Escalate ${about} now`}
          action="Page the next tier now"
        >
          The people of the next tier are paged at once. This cannot be taken back.
        </Confirm>
      );
  }
}

/** A change of members before it is saved: what it does to everybody's turns. */
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { serverNow } from "@/time/clock";
import { Dialog } from "@/ui/dialog";

import { SaveFoot, sayDone } from "./change-dialog";
import { spanOfStep, type MemberStep } from "./member-step";
import type { RosterDetail } from "./queries";
import { saveMember } from "./save-member";

export interface MemberPlan {
  step: MemberStep;
  title: string;
  lead?: ReactNode;
  /** The verb on the button. */
  save: string;
  said: string;
}

interface MemberChangeProps {
  roster: RosterDetail;
  etag: string | null;
  plan: MemberPlan;
  onClose: () => void;
}

export function MemberChange({ roster, etag, plan, onClose }: MemberChangeProps) {
  const [now] = useState(serverNow);
  const saving = useMutation({
    mutationFn: () => saveMember(roster, etag, plan.step),
    onSuccess: (undo) => {
      onClose();
      sayDone(plan.said, undo);
    },
  });
  return (
    <Dialog isOpen isWide onClose={onClose} title={plan.title} lead={plan.lead}>
      <SaveFoot
        roster={roster}
        order={{ ...spanOfStep(roster, now), member_step: plan.step }}
        saving={saving}
        onSave={() => saving.mutate()}
        onClose={onClose}
        save={plan.save}
        look={plan.step.kind === "remove" ? "danger" : "ack"}
      />
    </Dialog>
  );
}

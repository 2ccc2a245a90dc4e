/** What can be done to the selected alerts together. */
import { X } from "lucide-react";

import type { Ask } from "@/alerts/list/ask";
import { Button, IconButton } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";

interface BulkBarProps {
  /** `3 alerts`, `all 1,204 alerts of this filter`. */
  subject: string;
  /** Offers all of the filter, when all rows that are shown are selected. */
  offerAll: string | null;
  isBusy: boolean;
  onAll: () => void;
  onAcknowledge: () => void;
  onAsk: (kind: Ask["kind"]) => void;
  onClear: () => void;
}

export function BulkBar({ subject, offerAll, isBusy, onAll, onAcknowledge, onAsk, onClear }: BulkBarProps) {
  return (
    <div role="toolbar" aria-label="Selected alerts" className="sticky bottom-[calc(4rem+env(safe-area-inset-bottom))] z-20 flex flex-wrap items-center gap-2 rounded-lg border border-control bg-raised p-2 shadow-xl md:bottom-3">
      <IconButton label="Clear the selection" icon={<X size={16} />} onClick={onClear} />
      <span aria-live="polite" className="font-medium first-letter:uppercase">
        {subject} selected
      </span>
      {offerAll && (
        <button type="button" className="link min-h-7 pointer-coarse:min-h-11" onClick={onAll}>
          {offerAll}
        </button>
      )}
      <span className="ml-auto flex flex-wrap items-center gap-2">
        <Button look="ack" hint="a" isBusy={isBusy} onClick={onAcknowledge}>
          Acknowledge
        </Button>
        <Button hint="r" disabled={isBusy} onClick={() => onAsk("resolve")}>
          Resolve
        </Button>
        <Button hint="s" disabled={isBusy} onClick={() => onAsk("snooze")}>
          Snooze
        </Button>
        <Button hint="m" disabled={isBusy} onClick={() => onAsk("assign")}>
          Assign
        </Button>
        <Menu trigger={<Button disabled={isBusy}>More</Button>}>
          <MenuItem onSelect={() => onAsk("comment")}>Comment…</MenuItem>
          <MenuItem onSelect={() => onAsk("escalate")}>Escalate now…</MenuItem>
        </Menu>
      </span>
    </div>
  );
}

import { useBlocker } from "@tanstack/react-router";
import { useRef, type ReactNode } from "react";

import { Confirm } from "./dialog";

/** Asks before a page with unsaved text is left, also by closing it. Call `allow` before going on after a save. */
export function useLeaveGuard(isDirty: boolean): { dialog: ReactNode; allow: () => void } {
  const isAllowed = useRef(false);
  const mustAsk = () => isDirty && !isAllowed.current;
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => mustAsk() && current.pathname !== next.pathname,
    enableBeforeUnload: mustAsk,
    withResolver: true,
  });
  const dialog = (
    <Confirm isOpen={status === "blocked"} onClose={() => reset?.()} onConfirm={() => proceed?.()} title="Leave without saving?" action="Leave" isDanger>
      What you typed here is not saved, and is lost when you leave.
    </Confirm>
  );
  return { dialog, allow: () => void (isAllowed.current = true) };
}

/** Whoever has typed something and not saved it is asked before the page goes, also by closing it. */
import { useBlocker } from "@tanstack/react-router";
import { useRef, type ReactNode } from "react";

import { Confirm } from "./dialog";

/** Gives the question; call `allow` before going on after a save. By itself it lets the address of the same page change. */
export function useLeaveGuard(isUnsaved: boolean, what = "this", isStrict = false): { dialog: ReactNode; allow: () => void } {
  const isAllowed = useRef(false);
  const mustAsk = () => isUnsaved && !isAllowed.current;
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => mustAsk() && (isStrict || current.pathname !== next.pathname),
    enableBeforeUnload: mustAsk,
    withResolver: true,
  });
  const dialog = (
    <Confirm isOpen={status === "blocked"} onClose={() => reset?.()} onConfirm={() => proceed?.()} title={`Leave without saving ${what}?`} action="Leave" isDanger>
      What you typed since the last save would be lost.
    </Confirm>
  );
  return { dialog, allow: () => void (isAllowed.current = true) };
}

/** The same as an element, for forms that go on by themselves: any other address asks, as a dialog's is one. */
export function Unsaved({ isUnsaved, what }: { isUnsaved: boolean; what: string }) {
  return useLeaveGuard(isUnsaved, what, true).dialog;
}

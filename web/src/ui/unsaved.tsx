import { useBlocker } from "@tanstack/react-router";

import { Confirm } from "./dialog";

/** Asks before a page with something unsaved is left, by a link or by closing the browser. */
export function Unsaved({ isUnsaved, what }: { isUnsaved: boolean; what: string }) {
  const blocker = useBlocker({ shouldBlockFn: () => isUnsaved, enableBeforeUnload: isUnsaved, withResolver: true });
  return (
    <Confirm isOpen={blocker.status === "blocked"} onClose={() => blocker.reset?.()} onConfirm={() => blocker.proceed?.()} title={`Leave without saving ${what}?`} action="Leave it" isDanger>
      What you typed since the last save would be lost.
    </Confirm>
  );
}

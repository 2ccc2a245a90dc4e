/** What could not reach NightOwl: said on every page until it has, since the escalation knows nothing of it. */
import { useEffect } from "react";

import { saidOf } from "@/alerts/act/commands";
import { forgetUnsent, useUnsent } from "@/alerts/act/unsent";
import { useMe, type Me } from "@/session/me";
import { Button } from "@/ui/button";

const TRY_AGAIN_MS = 5_000;
const SHOWN = 3;

export function UnsentNotice() {
  const unsent = useUnsent();
  useSending(useMe(), unsent.length > 0);
  if (unsent.length === 0) return null;
  return (
    <div role="alert" className="sticky top-12 z-20 grid gap-1 border-b border-warning bg-card px-4 py-1.5 text-warning md:px-6">
      {unsent.slice(0, SHOWN).map(({ key, alert, command }) => (
        <p key={key} className="flex items-center justify-between gap-3">
          <span className="min-w-0 wrap-anywhere">{saidOf(alert, command)}: not yet sent, escalation continues. It is sent when NightOwl can be reached.</span>
          <Button className="shrink-0" onClick={() => forgetUnsent(key)}>
            Do not send
          </Button>
        </p>
      ))}
      {unsent.length > SHOWN && <p>And {unsent.length - SHOWN} more.</p>}
    </div>
  );
}

function useSending(me: Me, isWaiting: boolean): void {
  const { tenant, via, user_id, name } = me;
  useEffect(() => {
    if (!isWaiting) return;
    const go = () => {
      if (!navigator.onLine) return;
      void import("@/alerts/act/perform").then(
        ({ sendKept }) => sendKept({ tenant, via, user_id, name }),
        // The code comes from where the answer would come from: the next turn tries anew.
        () => undefined,
      );
    };
    go();
    const timer = setInterval(go, TRY_AGAIN_MS);
    window.addEventListener("online", go);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", go);
    };
  }, [isWaiting, tenant, via, user_id, name]);
}

/** Which steps of a text this person has done, for one alert, kept in this browser. */
import { useState } from "react";

import { useMe } from "@/session/me";
import type { Steps } from "@/ui/markdown";

import { keepDone, readDone } from "./kept";

/** `what` is the text's noun and id; `alertId` the alert that is worked on, if there is one. */
export function useSteps(what: string, alertId: string | undefined): Steps & { clear: () => void } {
  const me = useMe();
  const name = `${me.tenant}.${me.user_id ?? me.name}.${what}.${alertId ?? "-"}`;
  const [, setTurn] = useState(0);
  const done = readDone(localStorage, name);
  const keep = (next: ReadonlySet<string>) => {
    keepDone(localStorage, name, next, Date.now());
    setTurn((turn) => turn + 1);
  };
  return { done, onToggle: (step) => keep(done.has(step) ? new Set([...done].filter((each) => each !== step)) : new Set([...done, step])), clear: () => keep(new Set()) };
}

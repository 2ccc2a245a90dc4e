/** A page that is much to draw comes in steps, with room for a frame between them: what people look at first is seen first. */
import { startTransition, useLayoutEffect, useState } from "react";

/** 0 at first, and one more each time that was drawn, up to `last`. */
export function useSteps(last: number): number {
  const [step, setStep] = useState(0);
  useLayoutEffect(() => {
    if (step < last) startTransition(() => setStep(step + 1));
  }, [step, last]);
  return step;
}

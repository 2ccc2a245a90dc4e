/**
 * The absolute times of what has the focus, or of the time that a finger touched; a mouse has the title.
 *
 * A row of a list is one stop for the keyboard, however many times stand in it: its times are told when anything in it
 * takes the focus. Only a time that no such stop belongs to is one itself (`time.tsx`).
 */
import { useEffect, useState } from "react";

import { PRESSED, ROW } from "./stops";

interface Tip {
  lines: readonly string[];
  /** Of what it is about, in the window. */
  left: number;
  top: number;
  bottom: number;
}

const MOST = 4;
const WIDTH = 288;
const GAP = 6;

export function TimeTips() {
  const [tip, setTip] = useState<Tip | null>(null);
  useEffect(() => {
    const hide = () => setTip(null);
    const onFocus = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement) || !target.matches(":focus-visible")) return hide();
      setTip(target.matches("[data-instant]") ? tipOf(target, [target]) : tipOf(target, timesOf(target.closest(ROW) ?? target.closest(PRESSED))));
    };
    let isFinger = false;
    const onDown = ({ pointerType }: PointerEvent) => {
      isFinger = pointerType !== "mouse";
    };
    const onClick = ({ target }: MouseEvent) => {
      const time = target instanceof Element ? target.closest<HTMLElement>("[data-instant]") : null;
      setTip(isFinger && time && !time.closest(PRESSED) ? tipOf(time, [time]) : null);
    };
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === "Escape") hide();
    };
    const listening = new AbortController();
    const { signal } = listening;
    document.addEventListener("focusin", onFocus, { signal });
    document.addEventListener("focusout", hide, { signal });
    document.addEventListener("pointerdown", onDown, { signal });
    document.addEventListener("click", onClick, { signal });
    document.addEventListener("keydown", onKey, { signal });
    document.addEventListener("scroll", hide, { signal, passive: true, capture: true });
    return () => listening.abort();
  }, []);
  if (!tip) return null;
  const isBelow = tip.bottom + 32 * tip.lines.length < window.innerHeight;
  const left = Math.max(8, Math.min(tip.left, window.innerWidth - WIDTH - 8));
  return (
    // What it says, the titles of the times say to those who hear the page.
    <div aria-hidden data-time-tip className="fixed z-50 max-w-72 rounded-md border border-control bg-raised px-2 py-1 text-xs tabular-nums shadow-xl" style={isBelow ? { left, top: tip.bottom + GAP } : { left, bottom: window.innerHeight - tip.top + GAP }}>
      {tip.lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}

function timesOf(element: Element | null): HTMLElement[] {
  return element ? [...element.querySelectorAll<HTMLElement>("[data-instant]")].slice(0, MOST) : [];
}

/** One line for each time, behind what is shown where there are several. */
function tipOf(about: Element, times: readonly HTMLElement[]): Tip | null {
  if (times.length === 0) return null;
  const { left, top, bottom } = about.getBoundingClientRect();
  const lines = times.map((time) => (times.length > 1 ? `${time.textContent}: ${time.title}` : time.title));
  return { lines: [...new Set(lines)], left, top, bottom };
}

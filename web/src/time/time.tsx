/** Instants on a page: relative words that tick, and the absolute time with its zone on hover, focus and touch. */
import { clsx } from "clsx";
import type { ReactNode } from "react";

import { useTicking } from "./clock";
import { makeStop } from "./stops";
import { absolute, aroundInstants, countdown, localZone, moment, relative, span, wallClock, zoneName } from "./words";

/** Words for an instant; `tip.tsx` shows the title where there is no mouse to hover with. */
function Instant({ at, title, className, children }: { at: string; title: string; className?: string; children: ReactNode }) {
  return (
    <time ref={makeStop} dateTime={at} title={title} data-instant="" className={clsx("whitespace-nowrap", className)}>
      {children}
    </time>
  );
}

/** `3 m ago`, ticking. */
export function Ago({ at }: { at: string }) {
  const words = useTicking((now) => relative(Date.parse(at), now));
  return (
    <Instant at={at} title={absolute(at)}>
      {words}
    </Instant>
  );
}

/** How long something has lasted: `3 h 05 m`, ticking. */
export function Age({ since }: { since: string }) {
  const words = useTicking((now) => span(now - Date.parse(since)));
  return (
    <Instant at={since} title={absolute(since)} className="tabular-nums">
      {words}
    </Instant>
  );
}

/** A planned moment in a zone, which is named in the tooltip. */
export function Moment({ at, zone }: { at: string; zone?: string }) {
  return (
    <Instant at={at} title={absolute(at, zone)}>
      {moment(at, zone)}
    </Instant>
  );
}

/** An instant to the second, with its zone. */
export function Absolute({ at, zone }: { at: string; zone?: string }) {
  return (
    <time dateTime={at} className="tabular-nums">
      {absolute(at, zone)}
    </time>
  );
}

/** `☾ 03:10 EST, night there`, for what would wake somebody; nothing by their day. */
export function NightThere({ at, zone }: { at: string; zone: string }) {
  const { words, isNight } = wallClock(at, zone);
  if (!isNight) return null;
  return (
    <span title={zone} className="text-xs whitespace-nowrap text-warning tabular-nums">
      <span aria-hidden>☾ </span>
      {words} {zoneName(at, zone)}, night there
    </span>
  );
}

/** Minutes and seconds that are left, by the server's clock; `due now` when none are. */
export function Countdown({ to }: { to: string }) {
  const words = useTicking((now) => (Date.parse(to) > now ? countdown(Date.parse(to) - now) : "due now"));
  return (
    <Instant at={to} title={absolute(to)} className="tabular-nums">
      {words}
    </Instant>
  );
}

/** A text of the server's. The instants in it are said by this reader's clock, and to the second on hover, focus and touch. */
export function WithTimes({ text }: { text: string }) {
  return aroundInstants(text).map((piece, place) =>
    place % 2 ? (
      <Instant key={place} at={piece} title={absolute(piece)}>
        {moment(piece)} {zoneName(piece, localZone)}
      </Instant>
    ) : (
      piece
    ),
  );
}

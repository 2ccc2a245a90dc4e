/** Instants on a page: relative words that tick, and the absolute time with its zone on hover and focus. */
import { useTicking } from "./clock";
import { absolute, aroundInstants, countdown, localZone, moment, relative, span, zoneName } from "./words";

/** `3 m ago`, ticking. */
export function Ago({ at }: { at: string }) {
  const words = useTicking((now) => relative(Date.parse(at), now));
  return (
    <time dateTime={at} title={absolute(at)} tabIndex={-1} className="whitespace-nowrap">
      {words}
    </time>
  );
}

/** How long something has lasted: `3 h 05 m`, ticking. */
export function Age({ since }: { since: string }) {
  const words = useTicking((now) => span(now - Date.parse(since)));
  return (
    <time dateTime={since} title={absolute(since)} className="whitespace-nowrap tabular-nums">
      {words}
    </time>
  );
}

/** A planned moment in a zone, which is named in the tooltip. */
export function Moment({ at, zone }: { at: string; zone?: string }) {
  return (
    <time dateTime={at} title={absolute(at, zone)} className="whitespace-nowrap">
      {moment(at, zone)}
    </time>
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

/** Minutes and seconds that are left, by the server's clock; `due now` when none are. */
export function Countdown({ to }: { to: string }) {
  const words = useTicking((now) => (Date.parse(to) > now ? countdown(Date.parse(to) - now) : "due now"));
  return (
    <time dateTime={to} title={absolute(to)} className="whitespace-nowrap tabular-nums">
      {words}
    </time>
  );
}

/** A text of the server's. The instants in it are said by this reader's clock, and to the second on hover. */
export function WithTimes({ text }: { text: string }) {
  return aroundInstants(text).map((piece, place) =>
    place % 2 ? (
      <time key={place} dateTime={piece} title={absolute(piece)} className="whitespace-nowrap">
        {moment(piece)} {zoneName(piece, localZone)}
      </time>
    ) : (
      piece
    ),
  );
}

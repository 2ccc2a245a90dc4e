/** Instants on a page: relative words that tick, and the absolute time with its zone on hover and focus. */
import { useNow } from "./clock";
import { absolute, countdown, moment, relative, span } from "./words";

/** `3 m ago`, ticking. */
export function Ago({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={absolute(at)} tabIndex={-1} className="whitespace-nowrap">
      {relative(Date.parse(at), now)}
    </time>
  );
}

/** How long something has lasted: `3 h 05 m`, ticking. */
export function Age({ since }: { since: string }) {
  const now = useNow();
  return (
    <time dateTime={since} title={absolute(since)} className="whitespace-nowrap tabular-nums">
      {span(now - Date.parse(since))}
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
  const left = Date.parse(to) - useNow();
  return (
    <time dateTime={to} title={absolute(to)} className="whitespace-nowrap tabular-nums">
      {left > 0 ? countdown(left) : "due now"}
    </time>
  );
}

/** "Who else knows?": who is on call on each roster, what time it is there, and whether a page reaches them. */
import { Link } from "@tanstack/react-router";

import { useNow } from "@/time/clock";
import { Moment } from "@/time/time";
import { wallClock, zoneName } from "@/time/words";
import { Person } from "@/ui/person";

import type { Now } from "./queries";
import { channelName } from "./quiet";

type Seat = Now["on_call"][number];

export function OnCall({ seats }: { seats: readonly Seat[] }) {
  return (
    <ul className="grid">
      {seats.map((seat) => (
        <li key={seat.roster_id} className="grid gap-0.5 border-t py-3 first:border-t-0 first:pt-0 last:pb-0">
          <Link to="/rosters/$rosterId" params={{ rosterId: seat.roster_id }} className="text-xs text-muted wrap-anywhere hover:underline">
            {seat.roster_name}
          </Link>
          {seat.person ? <OnDuty seat={seat} person={seat.person} /> : <p className="font-medium text-danger">Nobody is on call</p>}
          <p className="text-muted">{nextOf(seat)}</p>
        </li>
      ))}
    </ul>
  );
}

function OnDuty({ seat, person }: { seat: Seat; person: NonNullable<Seat["person"]> }) {
  return (
    <>
      <p className="flex flex-wrap items-center justify-between gap-x-3 font-medium">
        <Person id={person.id} name={person.display_name} />
        <LocalTime zone={person.timezone} />
      </p>
      {seat.channels.length === 0 ? (
        <p className="text-danger">Cannot be reached: no channel.</p>
      ) : (
        <p className="text-muted">
          By {seat.channels.map(channelName).join(", ")}
          {!seat.has_verified_contact && <span className="text-warning"> · never tested</span>}
          {seat.backup && <span className="wrap-anywhere"> · backup {seat.backup.display_name}</span>}
        </p>
      )}
    </>
  );
}

function nextOf({ until, timezone, next_person }: Seat) {
  if (!until) return "No handoff in the next 60 days.";
  return (
    <>
      Until <Moment at={until} zone={timezone} /> {zoneName(until, timezone)}, next: {next_person ? next_person.display_name : <span className="text-danger">nobody</span>}
    </>
  );
}

/** What the clock on their wall shows; at night the page wakes them. */
function LocalTime({ zone }: { zone: string }) {
  const now = useNow();
  const { words, isNight } = wallClock(now, zone);
  return (
    <span title={zone} className="font-normal text-muted tabular-nums">
      {words} {zoneName(now, zone)}
      {isNight && (
        <>
          {" "}
          <span aria-hidden>☾</span>
          <span className="sr-only">, night there</span>
        </>
      )}
    </span>
  );
}

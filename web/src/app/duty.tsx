/** "You are primary of payments until …, next: …", in the top strip. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { nowQuery } from "@/now/queries";
import { serverNow } from "@/time/clock";
import { absolute, localZone, moment, zoneName } from "@/time/words";

import { dutyInShort } from "./duty-words";

/** Nothing while it is not known and for who has no duty. */
export function Duty() {
  const duty = useQuery({ ...nowQuery, select: (now) => now.my_duty }).data;
  if (!duty) return null;
  const { roster_id, roster_name, role, until, next_person } = duty;
  return (
    <p className="truncate">
      You are {role} of{" "}
      <Link to="/rosters/$rosterId" params={{ rosterId: roster_id }} className="text-text underline underline-offset-2">
        {roster_name}
      </Link>
      {until && (
        <>
          {" until "}
          <time dateTime={until} title={absolute(until)}>
            {moment(until)} {zoneName(until, localZone)}
          </time>
        </>
      )}
      {until && <>, next: {next_person?.display_name ?? "nobody"}</>}
    </p>
  );
}

/** The same where the strip is narrow: one line on tablets, two small ones on phones that have the room. */
export function ShortDuty() {
  const duty = useQuery({ ...nowQuery, select: (now) => now.my_duty }).data;
  if (!duty) return null;
  const words = dutyInShort(duty, serverNow(), localZone);
  return (
    <Link
      to="/rosters/$rosterId"
      params={{ rosterId: duty.roster_id }}
      title={`${duty.roster_name}${duty.until ? `, until ${absolute(duty.until)}` : ""}`}
      className="target hidden min-w-0 content-center text-xs leading-4 text-muted min-[23rem]:grid md:flex md:items-center md:gap-1 md:text-sm"
    >
      <span className="truncate">
        {words.duty}
        {words.next && <span className="max-md:hidden">,</span>}
      </span>
      {words.next && <span className="truncate">{words.next}</span>}
    </Link>
  );
}

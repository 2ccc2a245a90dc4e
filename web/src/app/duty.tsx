/** "You are primary of payments until …, next: …", in the top strip. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { nowQuery } from "@/now/queries";
import { absolute, localZone, moment, zoneName } from "@/time/words";

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

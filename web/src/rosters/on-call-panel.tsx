/** Who is on call now, who is next, who is the backup: each with the time of day where they are. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { useNow } from "@/time/clock";
import { Moment } from "@/time/time";
import { relative, zoneName } from "@/time/words";
import { Loaded, Panel } from "@/ui/panel";
import { Initials } from "@/ui/person";

import { onCallQuery } from "./queries";
import { reasonWords } from "./words";

const POLL_MS = 60_000;

export function OnCallPanel({ rosterId }: { rosterId: string }) {
  const now = useQuery({ ...onCallQuery(rosterId), refetchInterval: POLL_MS });
  return (
    <Panel title="On call">
      <Loaded query={now} what="Who is on call">
        {(answer) => (
          <div className="grid gap-4 sm:grid-cols-3">
            <Slot
              title="Now"
              person={answer.primary}
              nobody={`Nobody: ${reasonWords(answer.reason)}`}
              more={
                answer.ends_at && (
                  <>
                    until <Moment at={answer.ends_at} zone={answer.timezone} /> {zoneName(answer.ends_at, answer.timezone)}, <Until at={answer.ends_at} />
                    {answer.source === "override" && ", by override"}
                    {answer.stands_in_for.length > 0 && `, stands in for ${answer.stands_in_for.map((person) => person.display_name).join(" and ")}`}
                  </>
                )
              }
            />
            {answer.ends_at ? <Next rosterId={rosterId} at={answer.ends_at} /> : <Slot title="Next" person={null} nobody="Nobody in the next 800 days" />}
            <Slot title="Backup" person={answer.secondary} nobody="No backup" more={answer.secondary && "next in order who is there"} />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Next({ rosterId, at }: { rosterId: string; at: string }) {
  const next = useQuery(onCallQuery(rosterId, at));
  return (
    <div>
      <Loaded query={next} what="Who is next" lines={2}>
        {(answer) => (
          <Slot
            title="Next"
            person={answer.primary}
            nobody={`Nobody: ${reasonWords(answer.reason)}`}
            more={
              <>
                from <Moment at={at} zone={answer.timezone} /> {zoneName(at, answer.timezone)}
              </>
            }
          />
        )}
      </Loaded>
    </div>
  );
}

interface SlotProps {
  title: string;
  person: { id: string; display_name: string; timezone: string } | null;
  nobody: string;
  more?: ReactNode;
}

function Slot({ title, person, nobody, more }: SlotProps) {
  return (
    <div className="min-w-0">
      <h3 className="text-xs text-muted">{title}</h3>
      <div className="mt-1 flex items-start gap-3">
        {person ? <Initials id={person.id} name={person.display_name} size={36} /> : <span aria-hidden className="grid size-9 shrink-0 place-items-center rounded-full border border-dashed border-danger text-danger">?</span>}
        <div className="min-w-0">
          <p className={`font-semibold wrap-anywhere ${person ? "" : "text-danger"}`}>{person?.display_name ?? nobody}</p>
          {person && <LocalTime zone={person.timezone} />}
          {more && <p className="text-xs text-muted">{more}</p>}
        </div>
      </div>
    </div>
  );
}

/** The time of day where somebody is: `14:05 in Berlin`. */
export function LocalTime({ zone }: { zone: string }) {
  const now = useNow();
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", weekday: "short", timeZone: zone }).format(now);
  return (
    <p className="text-xs whitespace-nowrap text-muted" title={zone}>
      {time} in {zone.split("/").at(-1)!.replaceAll("_", " ")}
    </p>
  );
}

function Until({ at }: { at: string }) {
  const now = useNow();
  return <>{relative(Date.parse(at), now)}</>;
}

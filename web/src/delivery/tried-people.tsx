/** Whom a test page has reached, and when: those on whom nothing was ever tried stand first. For managers. */
import { useQuery } from "@tanstack/react-query";

import { channelName } from "@/alerts/detail/paging-words";
import type { Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { Loaded, Panel } from "@/ui/panel";

import { triedPeopleQuery } from "./queries";

type Tried = Schema["TriedPerson"];

const WORDS: Record<NonNullable<Tried["status"]>, string> = { sent: "sent", failed: "failed", unclear: "may not have arrived", queued: "on its way", sending: "on its way" };

export function TriedPeople() {
  return may(useMe(), "manager") ? <People /> : null;
}

function People() {
  const people = useQuery(triedPeopleQuery);
  return (
    <Panel title="Last test page to each person">
      <Loaded query={people} what="The test pages" lines={4} isEmpty={({ items }) => items.length === 0} empty={<p className="text-muted">There is nobody to page yet.</p>}>
        {({ items, total }) => (
          <>
            <ul className="grid max-h-80 gap-1 overflow-y-auto" tabIndex={0} aria-label="Last test page to each person">
              {items.map((each) => (
                <li key={each.person.id} className="flex flex-wrap items-baseline justify-between gap-x-3">
                  <span className="min-w-0 wrap-anywhere">{each.person.display_name}</span>
                  <Outcome tried={each} />
                </li>
              ))}
            </ul>
            {total > items.length && <p className="pt-2 text-muted">These are the {items.length} of {total} who were not tried for the longest time.</p>}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Outcome({ tried: { status, channel, tried_at } }: { tried: Tried }) {
  if (!status || !channel || !tried_at) return <span className="text-warning">never tried</span>;
  const isBad = status === "failed" || status === "unclear";
  return (
    <span className={isBad ? "text-warning" : "text-muted"}>
      {isBad && <span aria-hidden>! </span>}
      {channelName(channel)} {WORDS[status]} <Ago at={tried_at} />
    </span>
  );
}

import { useMutation, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";

import { client, read, type Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { Button, buttonClass } from "@/ui/button";
import { Snippet } from "@/ui/copy";
import { Confirm } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Table, Td, Th } from "@/ui/table";
import { toast } from "@/ui/toast";

import { feedsQuery, forgetRosters, type RosterDetail } from "./queries";
import type { TabProps } from "./roster-page";

type Feed = Schema["Feed"];

export default function CalendarTab({ roster }: TabProps) {
  const me = useMe();
  const [made, setMade] = useState<{ url: string; what: string } | null>(null);
  const mayMake = may(me, "engineer");
  const make = useMutation({
    mutationFn: (of: "roster" | "me") =>
      of === "roster" ? read(client.POST("/api/v1/rosters/{roster_id}/feeds", { params: { path: { roster_id: roster.id } } })) : read(client.POST("/api/v1/users/{user_id}/feeds", { params: { path: { user_id: me.user_id! } } })),
    onSuccess: (feed, of) => {
      void forgetRosters();
      setMade({ url: new URL(feed.url, window.location.origin).href, what: of === "roster" ? roster.name : "your own shifts" });
    },
  });
  return (
    <div className="grid gap-4">
      <Panel
        title="Subscribe"
        actions={
          <a className={buttonClass("quiet")} href={`/api/v1/rosters/${roster.id}/export.ics`} download={`${roster.name}.ics`}>
            <Download size={16} aria-hidden /> Download .ics
          </a>
        }
      >
        <div className="grid max-w-3xl gap-3">
          <p className="text-muted">An address that calendar programs ask again by themselves: the last 30 and the next 180 days. Whoever has it can read this calendar, and nothing else, until it is revoked.</p>
          {mayMake ? (
            <div className="flex flex-wrap gap-2">
              <Button look="ack" isBusy={make.isPending} onClick={() => make.mutate("roster")}>
                Make an address for this roster
              </Button>
              {me.user_id && (
                <Button isBusy={make.isPending} onClick={() => make.mutate("me")}>
                  Make one for my shifts on all rosters
                </Button>
              )}
            </div>
          ) : (
            <p className="text-muted">Making an address needs the role engineer.</p>
          )}
          <FormError error={make.error} />
          {made && (
            <div role="status" className="grid gap-2 rounded-md border border-accent p-3">
              <p className="font-medium">The address of {made.what}. It is shown this once: copy it now.</p>
              <Snippet text={made.url} label="Copy the address" />
              <Button look="quiet" className="justify-self-start" onClick={() => setMade(null)}>
                I have copied it
              </Button>
            </div>
          )}
        </div>
      </Panel>
      {may(me, "manager") && <Feeds roster={roster} />}
    </div>
  );
}

function Feeds({ roster }: { roster: RosterDetail }) {
  const feeds = useQuery(feedsQuery);
  const [ending, setEnding] = useState<Feed | null>(null);
  const revoke = useMutation({
    mutationFn: (feed: Feed) => read(client.DELETE("/api/v1/feeds/{feed_id}", { params: { path: { feed_id: feed.id } } })),
    onSuccess: () => {
      void forgetRosters();
      toast.done("The address is revoked.");
    },
    onError: (error) => toast.failed(error.message),
    onSettled: () => setEnding(null),
  });
  const members = new Map(roster.members.map((member) => [member.id, member.display_name]));
  const isOurs = (feed: Feed) => feed.roster_id === roster.id || (feed.user_id !== null && members.has(feed.user_id));
  return (
    <Panel title="Addresses">
      <Loaded query={feeds} what="The addresses" isEmpty={(all) => !all.some(isOurs)} empty={<Empty title="No address yet">Those of this roster and of its members appear here.</Empty>}>
        {(all) => (
          <Table caption="Calendar addresses">
            <thead>
              <tr>
                <Th>Of</Th>
                <Th>Made</Th>
                <Th>State</Th>
                <Th aria-label="Actions" />
              </tr>
            </thead>
            <tbody>
              {all.filter(isOurs).map((feed) => (
                <tr key={feed.id}>
                  <Td>{feed.roster_id ? "this roster" : `shifts of ${members.get(feed.user_id!)}`}</Td>
                  <Td>
                    <Ago at={feed.created_at} />
                  </Td>
                  <Td>{feed.revoked_at ? <span className="text-muted">revoked</span> : "open"}</Td>
                  <Td className="text-right">
                    {!feed.revoked_at && (
                      <Button look="danger" onClick={() => setEnding(feed)}>
                        Revoke
                      </Button>
                    )}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Loaded>
      <Confirm isOpen={ending !== null} onClose={() => setEnding(null)} onConfirm={() => ending && revoke.mutate(ending)} title="Revoke this address?" action="Revoke address" isDanger isBusy={revoke.isPending}>
        Calendar programs that use it get nothing more. It cannot be opened again.
      </Confirm>
    </Panel>
  );
}

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { client, read } from "@/api/client";
import { may, useMe } from "@/session/me";
import { serverNow } from "@/time/clock";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Person } from "@/ui/person";
import { Table, Td, Th } from "@/ui/table";
import { toast } from "@/ui/toast";

import { LeaveForm, LeaveImport } from "./leave-form";
import { forgetRosters, leaveQuery, type Leave } from "./queries";
import type { TabProps } from "./roster-page";
import { spanWords } from "./words";
import { DAY, iso, startOfDay } from "./zones";

const AHEAD = 366 * DAY;

export default function LeaveTab({ roster }: TabProps) {
  const me = useMe();
  const [now] = useState(serverNow);
  const from = startOfDay(now, roster.timezone);
  const query = useQuery(leaveQuery(iso(from), iso(from + AHEAD)));
  const [leaving, setLeaving] = useState<Leave | null>(null);
  const members = new Map(roster.members.map((member) => [member.id, member]));
  const mayWrite = (userId: string) => may(me, "manager") || (userId === me.user_id && may(me, "engineer"));
  const writable = [...members.values()].filter((member) => mayWrite(member.id));
  const remove = useMutation({
    mutationFn: (leave: Leave) => read(client.DELETE("/api/v1/users/{user_id}/leave/{leave_id}", { params: { path: { user_id: leave.user.id, leave_id: leave.id } } })),
    onSuccess: () => {
      void forgetRosters();
      toast.done("Not away after all.");
    },
    onError: (error) => toast.failed(error.message),
    onSettled: () => setLeaving(null),
  });
  return (
    <div className="grid gap-4">
      <Panel title="Away in the next 12 months">
        <Loaded
          query={query}
          what="Who is away"
          isEmpty={(all) => !all.some((leave) => members.has(leave.user.id))}
          empty={<Empty title="No member is away">Rotation and pins pass over who is away; the next in order stands in.</Empty>}
        >
          {(all) => (
            <Table caption="Leave of members">
              <thead>
                <tr>
                  <Th>Person</Th>
                  <Th>When</Th>
                  <Th>Note</Th>
                  <Th aria-label="Actions" />
                </tr>
              </thead>
              <tbody>
                {all
                  .filter((leave) => members.has(leave.user.id))
                  .toSorted((a, b) => a.starts_at.localeCompare(b.starts_at))
                  .map((leave) => (
                    <tr key={leave.id}>
                      <Td className="min-w-36">
                        <Person id={leave.user.id} name={leave.user.display_name} />
                      </Td>
                      <Td className="whitespace-nowrap">{spanWords(leave.starts_at, leave.ends_at, members.get(leave.user.id)!.timezone)}</Td>
                      <Td className="min-w-32 wrap-anywhere">
                        {leave.note} {leave.calendar_uid && <span className="text-muted">(from a calendar)</span>}
                      </Td>
                      <Td className="text-right">
                        {mayWrite(leave.user.id) && (
                          <Button look="danger" aria-label={`Withdraw the leave of ${leave.user.display_name}`} onClick={() => setLeaving(leave)}>
                            Withdraw
                          </Button>
                        )}
                      </Td>
                    </tr>
                  ))}
              </tbody>
            </Table>
          )}
        </Loaded>
      </Panel>
      {writable.length > 0 ? (
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <Panel title="Somebody is away">
            <LeaveForm people={writable} />
          </Panel>
          <Panel title="Import a calendar">
            <LeaveImport people={writable} />
          </Panel>
        </div>
      ) : (
        <p className="text-muted">You may write your own leave where you are a member; that of others needs the role manager.</p>
      )}
      <Confirm isOpen={leaving !== null} onClose={() => setLeaving(null)} onConfirm={() => leaving && remove.mutate(leaving)} title="Withdraw this leave?" action="Withdraw leave" isDanger isBusy={remove.isPending}>
        {leaving?.user.display_name} takes turns again in that span. What was believed until now stays in the history.
      </Confirm>
    </div>
  );
}

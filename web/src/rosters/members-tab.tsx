import { useMutation, useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, UserMinus } from "lucide-react";
import { useState } from "react";

import { client, readWithTag, type Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Button, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { FormError, SelectField, TextField } from "@/ui/field";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Person } from "@/ui/person";
import { Table, Td, Th } from "@/ui/table";
import { toast } from "@/ui/toast";

import { MemberDates } from "./member-dates";
import { Outdated } from "./outdated";
import { isOutdated, reasonOf, restOf } from "./problems";
import { forgetRosters, peopleQuery } from "./queries";
import type { TabProps } from "./roster-page";

type Member = Schema["RosterMember"];
type Change = { kind: "add"; body: Schema["MemberNew"] } | { kind: "change"; member: Member; body: Schema["MemberChange"]; said: string } | { kind: "remove"; member: Member };

export default function MembersTab({ roster, etag }: TabProps) {
  const me = useMe();
  const people = useQuery(peopleQuery);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const mayPlan = may(me, "manager");
  const write = useMutation({
    mutationFn: (change: Change) => {
      const header = etag ? { "If-Match": etag } : {};
      const path = { roster_id: roster.id };
      if (change.kind === "add") return readWithTag(client.POST("/api/v1/rosters/{roster_id}/members", { params: { path, header }, body: change.body }));
      const params = { path: { ...path, member_id: change.member.member_id }, header };
      if (change.kind === "change") return readWithTag(client.PUT("/api/v1/rosters/{roster_id}/members/{member_id}", { params, body: change.body }));
      return readWithTag(client.DELETE("/api/v1/rosters/{roster_id}/members/{member_id}", { params }));
    },
    onSuccess: (_, change) => {
      void forgetRosters();
      setLeaving(null);
      toast.done(change.kind === "add" ? "Added." : change.kind === "remove" ? `${change.member.display_name} leaves at the next handoff.` : change.said);
    },
    onError: () => setLeaving(null),
  });
  const move = (member: Member, index: number, by: 1 | -1) => {
    const other = roster.members[index + by]!;
    write.mutate({ kind: "change", member, body: { position: other.position, joined_on: member.joined_on, left_on: member.left_on }, said: `${member.display_name} is now number ${index + by + 1}.` });
  };
  const taken = new Set(roster.members.filter((member) => !member.left_on).map((member) => member.id));
  return (
    <Panel title="Members, in turn order">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {isOutdated(write.error) ? <Outdated onNewest={() => void forgetRosters().then(() => write.reset())} /> : <FormError error={restOf(write.error, ["user_id", "joined_on"])} />}
        {roster.members.length === 0 ? (
          <Empty title="Nobody takes turns yet">Add the people who do. Until then nobody can be paged through this roster.</Empty>
        ) : (
          <Table caption="Members">
            <thead>
              <tr>
                <Th>Order</Th>
                <Th>Person</Th>
                <Th>Zone</Th>
                <Th>Takes turns</Th>
                {mayPlan && <Th aria-label="Actions" />}
              </tr>
            </thead>
            <tbody>
              {roster.members.map((member, index) => (
                <tr key={member.member_id}>
                  <Td className="tabular-nums">{index + 1}</Td>
                  <Td>
                    <Person id={member.id} name={member.display_name} />
                  </Td>
                  <Td className="text-muted">{member.timezone}</Td>
                  <Td>
                    <MemberDates
                      key={`${member.joined_on}-${member.left_on}`}
                      member={member}
                      mayPlan={mayPlan}
                      isBusy={write.isPending}
                      onSave={(dates) => write.mutate({ kind: "change", member, body: { position: member.position, ...dates }, said: `Days of ${member.display_name} saved.` })}
                    />
                  </Td>
                  {mayPlan && (
                    <Td className="text-right whitespace-nowrap">
                      <IconButton label={`Move ${member.display_name} up`} icon={<ArrowUp size={16} />} disabled={index === 0 || write.isPending} onClick={() => move(member, index, -1)} />
                      <IconButton label={`Move ${member.display_name} down`} icon={<ArrowDown size={16} />} disabled={index === roster.members.length - 1 || write.isPending} onClick={() => move(member, index, 1)} />
                      <IconButton label={`Remove ${member.display_name}`} icon={<UserMinus size={16} />} onClick={() => setLeaving(member)} />
                    </Td>
                  )}
                </tr>
              ))}
            </tbody>
          </Table>
        )}
        {mayPlan ? (
          <Loaded query={people} what="The people">
            {(all) => <AddMember people={all.filter((person) => person.is_active && !taken.has(person.id))} isBusy={write.isPending} error={write.error} onAdd={(body) => write.mutate({ kind: "add", body })} />}
          </Loaded>
        ) : (
          <p className="text-muted">Changing members needs the role manager.</p>
        )}
      </div>
      <Confirm isOpen={leaving !== null} onClose={() => setLeaving(null)} onConfirm={() => leaving && write.mutate({ kind: "remove", member: leaving })} title={`Remove ${leaving?.display_name ?? ""}?`} action="Remove from roster" isDanger isBusy={write.isPending}>
        They leave at the next handoff; their past shifts stay theirs. Who has not begun yet is taken out at once.
      </Confirm>
    </Panel>
  );
}

interface AddMemberProps {
  people: ReadonlyArray<{ id: string; display_name: string; timezone: string }>;
  isBusy: boolean;
  error: Error | null;
  onAdd: (body: Schema["MemberNew"]) => void;
}

function AddMember({ people, isBusy, error, onAdd }: AddMemberProps) {
  const [userId, setUserId] = useState("");
  const [joined, setJoined] = useState(new Date().toISOString().slice(0, 10));
  const add = () => {
    onAdd({ user_id: userId, joined_on: joined || null } as Schema["MemberNew"]);
    setUserId("");
  };
  if (people.length === 0) return <p className="text-muted">Everybody of this tenant is a member.</p>;
  return (
    <div className="grid items-start gap-3 border-t pt-4 sm:grid-cols-[1fr_14rem_auto]">
      <SelectField label="Add a person" value={userId} onChange={(event) => setUserId(event.target.value)} error={reasonOf(error, "user_id")}>
        <option value="">Choose a person</option>
        {people.map((person) => (
          <option key={person.id} value={person.id}>
            {person.display_name} ({person.timezone})
          </option>
        ))}
      </SelectField>
      <TextField label="From the handoff on" type="date" value={joined} onChange={(event) => setJoined(event.target.value)} error={reasonOf(error, "joined_on")} hint="Empty: since the roster began, which changes past shifts." />
      <Button className="sm:mt-6" disabled={!userId} isBusy={isBusy} onClick={add}>
        Add member
      </Button>
    </div>
  );
}

import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, UserMinus } from "lucide-react";
import { useState } from "react";

import type { Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Button, IconButton } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Person } from "@/ui/person";
import { Table, Td, Th } from "@/ui/table";

import { MemberChange, type MemberPlan } from "./member-change";
import { MemberDates } from "./member-dates";
import type { Member } from "./member-step";
import { peopleQuery } from "./queries";
import type { TabProps } from "./roster-page";

export default function MembersTab({ roster, etag }: TabProps) {
  const me = useMe();
  const people = useQuery(peopleQuery);
  const [plan, setPlan] = useState<MemberPlan | null>(null);
  const mayPlan = may(me, "manager");
  const move = (member: Member, index: number, by: 1 | -1) => {
    const other = roster.members[index + by]!;
    setPlan({
      step: { kind: "change", member_id: member.member_id, content: { position: other.position, joined_on: member.joined_on, left_on: member.left_on } },
      title: `Move ${member.display_name} ${by < 0 ? "up" : "down"}?`,
      lead: `Number ${index + by + 1} in turn order, in place of ${other.display_name}.`,
      save: "Move",
      said: `${member.display_name} is now number ${index + by + 1}.`,
    });
  };
  const changeDays = (member: Member, dates: Pick<Member, "joined_on" | "left_on">) =>
    setPlan({
      step: { kind: "change", member_id: member.member_id, content: { position: member.position, ...dates } },
      title: `Other days for ${member.display_name}?`,
      save: "Save days",
      said: `Days of ${member.display_name} saved.`,
    });
  const remove = (member: Member) =>
    setPlan({
      step: { kind: "remove", member_id: member.member_id },
      title: `Remove ${member.display_name}?`,
      lead: "They leave at the next handoff; their past shifts stay theirs. Who has not begun yet is taken out at once.",
      save: "Remove from roster",
      said: `${member.display_name} leaves at the next handoff.`,
    });
  const add = (content: Schema["MemberNew"], name: string) => setPlan({ step: { kind: "add", content }, title: `Add ${name}?`, lead: "They take turns last in order.", save: "Add to roster", said: `${name} is added.` });
  const taken = new Set(roster.members.filter((member) => !member.left_on).map((member) => member.id));
  return (
    <Panel title="Members, in turn order">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
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
                      onSave={(dates) => changeDays(member, dates)}
                    />
                  </Td>
                  {mayPlan && (
                    <Td className="text-right whitespace-nowrap">
                      <IconButton label={`Move ${member.display_name} up`} icon={<ArrowUp size={16} />} disabled={index === 0} onClick={() => move(member, index, -1)} />
                      <IconButton label={`Move ${member.display_name} down`} icon={<ArrowDown size={16} />} disabled={index === roster.members.length - 1} onClick={() => move(member, index, 1)} />
                      <IconButton label={`Remove ${member.display_name}`} icon={<UserMinus size={16} />} onClick={() => remove(member)} />
                    </Td>
                  )}
                </tr>
              ))}
            </tbody>
          </Table>
        )}
        {mayPlan ? (
          <Loaded query={people} what="The people">
            {(all) => <AddMember key={roster.members.length} people={all.filter((person) => person.is_active && !taken.has(person.id))} onAdd={add} />}
          </Loaded>
        ) : (
          <p className="text-muted">Changing members needs the role manager.</p>
        )}
      </div>
      {plan && <MemberChange roster={roster} etag={etag} plan={plan} onClose={() => setPlan(null)} />}
    </Panel>
  );
}

interface AddMemberProps {
  people: ReadonlyArray<{ id: string; display_name: string; timezone: string }>;
  onAdd: (content: Schema["MemberNew"], name: string) => void;
}

function AddMember({ people, onAdd }: AddMemberProps) {
  const [userId, setUserId] = useState("");
  const [joined, setJoined] = useState(new Date().toISOString().slice(0, 10));
  const chosen = people.find((person) => person.id === userId);
  if (people.length === 0) return <p className="text-muted">Everybody of this tenant is a member.</p>;
  return (
    <div className="grid items-start gap-3 border-t pt-4 sm:grid-cols-[1fr_14rem_auto]">
      <SelectField label="Add a person" value={userId} onChange={(event) => setUserId(event.target.value)}>
        <option value="">Choose a person</option>
        {people.map((person) => (
          <option key={person.id} value={person.id}>
            {person.display_name} ({person.timezone})
          </option>
        ))}
      </SelectField>
      <TextField label="From the handoff on" type="date" value={joined} onChange={(event) => setJoined(event.target.value)} hint="Empty: since the roster began, which changes past shifts." />
      <Button className="sm:mt-6" disabled={!chosen} onClick={() => chosen && onAdd({ user_id: chosen.id, position: null, joined_on: joined || null, left_on: null }, chosen.display_name)}>
        Add member
      </Button>
    </div>
  );
}

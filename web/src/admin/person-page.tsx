/** Where one person is reached, for who plans: seen, tried, and vouched for. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";

import { useMe } from "@/session/me";
import { Contacts } from "@/settings/contacts";
import { personQuery } from "@/settings/queries";
import { buttonClass } from "@/ui/button";
import { Loaded, Panel } from "@/ui/panel";

import { AdminFrame } from "./frame";

export default function PersonPage() {
  const { userId } = useParams({ from: "/shell/admin/users/$userId" });
  const isMe = useMe().user_id === userId;
  const person = useQuery(personQuery(userId));
  const name = person.data?.display_name;
  return (
    <AdminFrame
      title={name ?? "One person"}
      lead={person.data && `${person.data.is_active ? person.data.role : "has left"} · ${person.data.email}`}
      actions={
        <Link to="/admin/users" className={buttonClass("quiet")}>
          All people
        </Link>
      }
    >
      {name === undefined ? (
        <Panel title="Addresses">
          <Loaded query={person} what="The person">
            {() => null}
          </Loaded>
        </Panel>
      ) : (
        <Contacts userId={userId} name={isMe ? null : name} />
      )}
    </AdminFrame>
  );
}

/** The wizard's end: whether a page reaches each one who takes turns, tried before it matters. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { contactsQuery } from "@/admin/reach";
import { useMe } from "@/session/me";
import { KINDS } from "@/settings/kinds";
import { TestPages } from "@/settings/test-pages";
import { Button } from "@/ui/button";
import { Loaded } from "@/ui/panel";
import { Person } from "@/ui/person";

import type { User } from "./queries";

export function TestStep({ name, people, onDone }: { name: string; people: readonly User[]; onDone: () => void }) {
  return (
    <div className="grid gap-4">
      <p className="max-w-prose">
        {name} is made. Send each one a test page now: it says that it is a test, asks for nothing, and what the provider makes of it shows here.
      </p>
      <ul className="divide-y">
        {people.map((person) => (
          <li key={person.id} className="grid gap-2 py-3">
            <Person id={person.id} name={person.display_name} />
            <Addresses person={person} />
          </li>
        ))}
      </ul>
      <div className="mt-2 border-t pt-4">
        <Button look="ack" onClick={onDone}>
          Go to the roster
        </Button>
      </div>
    </div>
  );
}

function Addresses({ person }: { person: User }) {
  const contacts = useQuery(contactsQuery(person.id));
  const isMe = useMe().user_id === person.id;
  const nobody = (
    <p className="text-warning">
      No verified address.{" "}
      {isMe ? (
        <>
          Add one, and type the code that arrives:{" "}
          <Link to="/settings" search={{ tab: "reach" }} className="link">
            your addresses
          </Link>
        </>
      ) : (
        <>
          {person.display_name} verifies one under Settings, by a code that goes there, or you vouch for one:{" "}
          <Link to="/admin/users/$userId" params={{ userId: person.id }} className="link">
            addresses of {person.display_name}
          </Link>
        </>
      )}
    </p>
  );
  return (
    <Loaded query={contacts} what={`The addresses of ${person.display_name}`} lines={1} isEmpty={({ items }) => !items.some((each) => each.is_verified)} empty={nobody}>
      {({ items }) => (
        <ul className="grid gap-2">
          {items
            .filter((each) => each.is_verified)
            .map((method) => (
              <li key={method.id} className="flex flex-wrap items-center gap-x-4 gap-y-1">
                <span>
                  {KINDS[method.kind]} {method.browser_name ?? ""} <span className="font-mono text-sm wrap-anywhere">{method.address}</span>
                </span>
                <TestPages userId={person.id} method={method} />
              </li>
            ))}
        </ul>
      )}
    </Loaded>
  );
}

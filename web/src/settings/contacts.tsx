/** Where somebody is reached: each address with what proves it, and a test page. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { contactsQuery } from "@/admin/reach";
import { Button } from "@/ui/button";
import { Empty, Loaded, Panel } from "@/ui/panel";

import { AddAddress } from "./add-address";
import { AddressRow, ProfileRow } from "./address-row";
import { AddressesDrawing } from "./drawing";
import { profileAddresses } from "./profile";
import { personQuery } from "./queries";

interface ContactsProps {
  userId: string;
  /** Whose they are; null: the reader's. */
  name: string | null;
}

export function Contacts({ userId, name }: ContactsProps) {
  const [isAdding, setAdding] = useState(false);
  return (
    <Panel
      title="Addresses"
      actions={
        <Button look="ack" onClick={() => setAdding(true)}>
          Add an address
        </Button>
      }
    >
      <p className="mb-3 max-w-prose text-muted">
        {name === null
          ? "Verified addresses are paged. “Verify” sends a code there; type it in here, and it is proved that pages reach you."
          : `Verified addresses are paged. ${name} verifies them under Settings, by a code that goes there. Mark as verified only what you know to be theirs, and send a test page.`}
      </p>
      <Addresses userId={userId} name={name} />
      {isAdding && <AddAddress userId={userId} name={name} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function Addresses({ userId, name }: ContactsProps) {
  const contacts = useQuery(contactsQuery(userId));
  const person = useQuery(personQuery(userId));
  const what = name === null ? "Your addresses" : `The addresses of ${name}`;
  return (
    <Loaded query={contacts} what={what}>
      {({ items }) => (
        <Loaded query={person} what={name === null ? "Your profile" : `The profile of ${name}`} lines={2}>
          {(user) => {
            const fromProfile = profileAddresses(user, items);
            if (items.length + fromProfile.length === 0) return <Empty title={name === null ? "Nobody can reach you yet" : `Nobody can reach ${name} yet`} drawing={<AddressesDrawing />}>Add the phone that lies beside the bed.</Empty>;
            return (
              <ul className="divide-y">
                {items.map((method) => (
                  <AddressRow key={method.id} userId={userId} name={name} method={method} />
                ))}
                {fromProfile.map((found) => (
                  <ProfileRow key={`${found.kind} ${found.address}`} userId={userId} name={name} found={found} />
                ))}
              </ul>
            );
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

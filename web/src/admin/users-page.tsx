import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { client, read, type Schema } from "@/api/client";
import { itemsOf, pages, totalOf } from "@/api/pages";
import { may, useMe } from "@/session/me";
import { zoneName } from "@/time/words";
import { useNow } from "@/time/clock";
import { Button } from "@/ui/button";
import { More } from "@/ui/more";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Person } from "@/ui/person";
import { Pill } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";

import { PeopleDrawing } from "./drawings";
import { AdminFrame } from "./frame";
import { Reach } from "./reach";
import { UserDialog } from "./user-dialog";

type User = Schema["User"];

export default function UsersPage() {
  const me = useMe();
  const [open, setOpen] = useState<User | "new" | null>(null);
  const users = useInfiniteQuery(pages(["user", "list"], (cursor) => read(client.GET("/api/v1/users", { params: { query: { limit: 50, ...(cursor ? { cursor } : {}) } } }))));
  const add = may(me, "admin") && (
    <Button look="ack" onClick={() => setOpen("new")}>
      Add a person
    </Button>
  );
  return (
    <AdminFrame
      title="People"
      lead="Who can be on call, what they may, and whether a page would reach them."
      actions={add}
    >
      <Panel title="People">
        <Loaded query={users} what="The people" isEmpty={(data) => itemsOf(data).length === 0} empty={
            <Empty title="Nobody yet" drawing={<PeopleDrawing />} action={add}>
              Rosters are made of people.{!add && " Admins add them."}
            </Empty>
          } lines={6}>
          {(data) => (
            <>
              <Table caption="People">
                <thead>
                  <tr>
                    <Th>Name</Th>
                    <Th>Role</Th>
                    <Th>Reached by</Th>
                    <Th>Local time</Th>
                    <Th>E-mail</Th>
                    <Th>
                      <span className="sr-only">Actions</span>
                    </Th>
                  </tr>
                </thead>
                <tbody>
                  {itemsOf(data).map((user) => (
                    <tr key={user.id} className={user.is_active ? "" : "text-muted"}>
                      <Td>
                        {may(me, "manager") && user.is_active ? (
                          <Link to="/admin/users/$userId" params={{ userId: user.id }} className="link target inline-flex items-center">
                            <Person id={user.id} name={user.display_name} />
                          </Link>
                        ) : (
                          <Person id={user.id} name={user.display_name} />
                        )}
                      </Td>
                      <Td>
                        <Pill>{user.is_active ? user.role : "left"}</Pill>
                      </Td>
                      <Td>{user.is_active ? <Reach userId={user.id} /> : null}</Td>
                      <Td>
                        <LocalTime zone={user.timezone} />
                      </Td>
                      <Td className="wrap-anywhere">{user.email}</Td>
                      <Td className="text-right">
                        {may(me, "manager") && (
                          <Button look="quiet" onClick={() => setOpen(user)} aria-label={`Change ${user.display_name}`}>
                            Change
                          </Button>
                        )}
                      </Td>
                    </tr>
                  ))}
                </tbody>
              </Table>
              <More query={users} shown={itemsOf(data).length} total={totalOf(data)} />
            </>
          )}
        </Loaded>
      </Panel>
      {open && <UserDialog user={open === "new" ? null : open} onClose={() => setOpen(null)} />}
    </AdminFrame>
  );
}

function LocalTime({ zone }: { zone: string }) {
  const now = useNow();
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(now);
  return (
    <span className="whitespace-nowrap tabular-nums" title={zone}>
      {clock} <span className="text-muted">{zoneName(now, zone)}</span>
    </span>
  );
}

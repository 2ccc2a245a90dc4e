import { useMutation, useQuery } from "@tanstack/react-query";
import { EllipsisVertical, Plus } from "lucide-react";
import { useState } from "react";

import { client, read, type Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { Button, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { Menu, MenuItem } from "@/ui/menu";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Pill } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";

import { PostDrawing } from "./drawings";
import { EndpointForm } from "./endpoint-form";
import { channelName } from "./page-counts";
import { endpointsQuery } from "./queries";
import { RemoveDialog } from "./remove-dialog";
import { SecretDialog } from "./secret-dialog";

type Endpoint = Schema["Endpoint"];
type Open = { what: "new" } | { what: "edit" | "delete" | "renew"; endpoint: Endpoint } | { what: "secret"; name: string; secret: string } | null;

export default function Endpoints() {
  const isManager = may(useMe(), "manager");
  const endpoints = useQuery(endpointsQuery);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const add = isManager && (
    <Button look="ack" onClick={() => setOpen({ what: "new" })}>
      <Plus size={16} aria-hidden /> New endpoint
    </Button>
  );
  return (
    <>
      <Loaded
        query={endpoints}
        what="The endpoints"
        lines={6}
        isEmpty={(page) => page.total === 0}
        empty={
          <Empty title="No endpoints yet" drawing={<PostDrawing />} action={add}>
            An endpoint is an address outside: a chat room that is told of alerts, or a program that gets them as signed posts.
          </Empty>
        }
      >
        {(page) => (
          <Panel title="Chat rooms and webhooks" actions={add}>
            <Table caption="Endpoints">
              <thead>
                <tr>
                  <Th>Name</Th>
                  <Th>Kind</Th>
                  <Th>Where</Th>
                  <Th>Changed</Th>
                  {isManager && (
                    <Th className="relative">
                      <span className="sr-only">What can be done</span>
                    </Th>
                  )}
                </tr>
              </thead>
              <tbody>
                {page.items.map((endpoint) => (
                  <tr key={endpoint.id}>
                    <Td className="font-medium wrap-anywhere">{endpoint.name}</Td>
                    <Td>
                      <Pill>{channelName(endpoint.kind)}</Pill>
                    </Td>
                    <Td className="font-mono text-xs wrap-anywhere">{endpoint.origin}</Td>
                    <Td>
                      <Ago at={endpoint.updated_at} />
                    </Td>
                    {isManager && (
                      <Td className="relative py-0.5! text-right whitespace-nowrap">
                        <Button look="quiet" onClick={() => setOpen({ what: "edit", endpoint })}>
                          Edit<span className="sr-only"> {endpoint.name}</span>
                        </Button>
                        <Menu trigger={<IconButton label={`More for ${endpoint.name}`} icon={<EllipsisVertical size={18} />} />}>
                          {endpoint.kind === "webhook" && <MenuItem onSelect={() => setOpen({ what: "renew", endpoint })}>New secret</MenuItem>}
                          <MenuItem isDanger onSelect={() => setOpen({ what: "delete", endpoint })}>
                            Delete endpoint
                          </MenuItem>
                        </Menu>
                      </Td>
                    )}
                  </tr>
                ))}
              </tbody>
            </Table>
            <p className="pt-3 text-xs text-muted">Only the host is shown: the path of such an address is often a password.</p>
          </Panel>
        )}
      </Loaded>
      {open?.what === "new" && <EndpointForm onClose={close} onMade={(name, secret) => setOpen(secret ? { what: "secret", name, secret } : null)} />}
      {open?.what === "edit" && <EndpointForm endpoint={open.endpoint} onClose={close} onMade={close} />}
      {open?.what === "secret" && <SecretDialog name={open.name} secret={open.secret} onClose={close} />}
      {open?.what === "renew" && <Renew endpoint={open.endpoint} onClose={close} onMade={(secret) => setOpen({ what: "secret", name: open.endpoint.name, secret })} />}
      {open?.what === "delete" && (
        <RemoveDialog
          title={`Delete ${open.endpoint.name}?`}
          action="Delete endpoint"
          noun="endpoint"
          done={`${open.endpoint.name} is deleted.`}
          onClose={close}
          remove={() => read(client.DELETE("/api/v1/endpoints/{endpoint_id}", { params: { path: { endpoint_id: open.endpoint.id }, header: { "If-Match": `"${open.endpoint.revision}"` } } }))}
        >
          <p>Pages that are on their way to it fail. It is refused while a policy pages it or a subscription posts to it.</p>
        </RemoveDialog>
      )}
    </>
  );
}

function Renew({ endpoint, onClose, onMade }: { endpoint: Endpoint; onClose: () => void; onMade: (secret: string) => void }) {
  const renew = useMutation({
    mutationFn: () => read(client.POST("/api/v1/endpoints/{endpoint_id}/secret", { params: { path: { endpoint_id: endpoint.id } } })),
    onSuccess: ({ secret }) => onMade(secret),
  });
  return (
    <Confirm isOpen onClose={onClose} onConfirm={() => renew.mutate()} title={`New secret for ${endpoint.name}?`} action="Make a new secret" isBusy={renew.isPending}>
      <div className="grid gap-3">
        <p>The old one signs nothing any more: the receiver must know the new one at once, or it refuses what comes.</p>
        <FormError error={renew.error} />
      </div>
    </Confirm>
  );
}

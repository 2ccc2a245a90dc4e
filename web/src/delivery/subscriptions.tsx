import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { EllipsisVertical, Plus } from "lucide-react";
import { useState } from "react";

import { client, read, type Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Button, IconButton } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";
import { Empty, Loaded } from "@/ui/panel";
import { Pill } from "@/ui/severity";
import { toast } from "@/ui/toast";

import { PostDrawing } from "./drawings";
import { matcherText } from "./matchers";
import { PostLog } from "./post-log";
import { subscriptionsQuery } from "./queries";
import { RemoveDialog } from "./remove-dialog";
import { SubscriptionForm } from "./subscription-form";

type Subscription = Schema["WebhookSubscription"];
type Open = { what: "new" } | { what: "edit" | "delete"; subscription: Subscription } | null;

export default function Subscriptions() {
  const isManager = may(useMe(), "manager");
  const subscriptions = useQuery(subscriptionsQuery);
  const [open, setOpen] = useState<Open>(null);
  const { log } = useSearch({ from: "/shell/status" });
  const navigate = useNavigate({ from: "/status" });
  const show = (id: string | undefined) => void navigate({ search: { tab: "subscriptions", ...(id ? { log: id } : {}) }, replace: true });
  const add = isManager && (
    <Button look="ack" onClick={() => setOpen({ what: "new" })}>
      <Plus size={16} aria-hidden /> New subscription
    </Button>
  );
  return (
    <>
      <Loaded
        query={subscriptions}
        what="The subscriptions"
        lines={6}
        isEmpty={(page) => page.total === 0}
        empty={
          <Empty title="Nobody gets events yet" drawing={<PostDrawing />} action={add}>
            A subscription posts what happens to a program of yours: alerts that open and close, pages that fail, shifts that change. Add an endpoint of the kind webhook, then subscribe it.
          </Empty>
        }
      >
        {(page) => (
          <div className="grid gap-3">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <p className="text-muted">Each event that fits is posted at least once, for about ten hours if need be.</p>
              {add}
            </div>
            <ul className="grid gap-3">
              {page.items.map((subscription) => (
                <Row key={subscription.id} subscription={subscription} isManager={isManager} isOpen={log === subscription.id} onLog={() => show(log === subscription.id ? undefined : subscription.id)} onPinged={() => show(subscription.id)} onOpen={(what) => setOpen({ what, subscription })} />
              ))}
            </ul>
          </div>
        )}
      </Loaded>
      {open?.what === "new" && <SubscriptionForm onClose={() => setOpen(null)} />}
      {open?.what === "edit" && <SubscriptionForm subscription={open.subscription} onClose={() => setOpen(null)} />}
      {open?.what === "delete" && (
        <RemoveDialog
          title={`Delete ${open.subscription.name}?`}
          action="Delete subscription"
          noun="subscription"
          done={`${open.subscription.name} is deleted.`}
          onClose={() => setOpen(null)}
          remove={() => read(client.DELETE("/api/v1/webhook-subscriptions/{subscription_id}", { params: { path: { subscription_id: open.subscription.id }, header: { "If-Match": `"${open.subscription.revision}"` } } }))}
        >
          <p>What waits is never posted, and the log goes along. A post that is on its way may still arrive.</p>
        </RemoveDialog>
      )}
    </>
  );
}

interface RowProps {
  subscription: Subscription;
  isManager: boolean;
  isOpen: boolean;
  onLog: () => void;
  onPinged: () => void;
  onOpen: (what: "edit" | "delete") => void;
}

function Row({ subscription, isManager, isOpen, onLog, onPinged, onOpen }: RowProps) {
  const cache = useQueryClient();
  const ping = useMutation({
    mutationFn: () => read(client.POST("/api/v1/webhook-subscriptions/{subscription_id}/test", { params: { path: { subscription_id: subscription.id } } })),
    onSuccess: async () => {
      onPinged();
      toast.done("A ping is on its way. The log shows what comes of it.");
      await cache.invalidateQueries({ queryKey: ["subscription", subscription.id] });
    },
    onError: (error) => toast.failed(`No ping was sent. ${error.message}`),
  });
  const { name, is_enabled, is_gone, waiting } = subscription;
  return (
    <li className="grid min-w-0 gap-2 rounded-lg border bg-card p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="wrap-anywhere">{name}</h2>
        <Pill className={is_gone ? "border-danger text-danger" : is_enabled ? "border-ok text-ok" : "border-suppressed text-suppressed"}>{is_gone ? "gone" : is_enabled ? "enabled" : "disabled"}</Pill>
        {waiting > 0 && <Pill className="border-warning text-warning">{waiting} waiting</Pill>}
        <span className="ml-auto flex flex-wrap">
          <Button look="quiet" onClick={onLog} aria-expanded={isOpen}>
            {isOpen ? "Hide log" : "Log"}
            <span className="sr-only"> of {name}</span>
          </Button>
          {isManager && (
            <>
              <Button look="quiet" onClick={() => ping.mutate()} isBusy={ping.isPending}>
                Ping<span className="sr-only"> {name}</span>
              </Button>
              <Button look="quiet" onClick={() => onOpen("edit")}>
                Edit<span className="sr-only"> {name}</span>
              </Button>
              <Menu trigger={<IconButton label={`More for ${name}`} icon={<EllipsisVertical size={18} />} />}>
                <MenuItem isDanger onSelect={() => onOpen("delete")}>
                  Delete subscription
                </MenuItem>
              </Menu>
            </>
          )}
        </span>
      </div>
      {is_gone && <p className="text-danger">Its receiver answered that it is gone for good (410), so nothing is posted any more. Edit it to enable it again.</p>}
      <p className="text-muted wrap-anywhere">
        To {subscription.endpoint_name}: <span className="font-mono text-xs">{subscription.event_types.join(", ")}</span>
        {subscription.min_severity && `, ${subscription.min_severity} and worse`}
        {subscription.matchers.length > 0 && (
          <>
            , with <span className="font-mono text-xs">{matcherText(subscription.matchers).replaceAll("\n", ", ")}</span>
          </>
        )}
      </p>
      {isOpen && <PostLog subscription={subscription} isManager={isManager} />}
    </li>
  );
}

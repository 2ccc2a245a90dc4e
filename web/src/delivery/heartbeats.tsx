import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { EllipsisVertical, Plus } from "lucide-react";
import { useState } from "react";

import { client, read, type Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Ago, Moment } from "@/time/time";
import { Button, IconButton } from "@/ui/button";
import { Snippet } from "@/ui/copy";
import { Menu, MenuItem } from "@/ui/menu";
import { Empty, Loaded } from "@/ui/panel";
import { Pill, SeverityMark } from "@/ui/severity";

import { HeartbeatDrawing } from "./drawings";
import { durationText } from "./duration";
import { HeartbeatForm } from "./heartbeat-form";
import { matcherText } from "./matchers";
import { heartbeatsQuery } from "./queries";
import { RemoveDialog } from "./remove-dialog";

type Heartbeat = Schema["Heartbeat"];

const LOOKS: Record<Heartbeat["status"], string> = {
  alive: "border-ok text-ok",
  missed: "border-danger text-danger",
  waiting: "border-control text-muted",
  disabled: "border-suppressed text-suppressed",
};

type Open = { what: "new" } | { what: "edit" | "delete"; heartbeat: Heartbeat } | null;

export default function Heartbeats() {
  const isManager = may(useMe(), "manager");
  const heartbeats = useInfiniteQuery(heartbeatsQuery);
  const [open, setOpen] = useState<Open>(null);
  const add = isManager && (
    <Button look="ack" onClick={() => setOpen({ what: "new" })}>
      <Plus size={16} aria-hidden /> New heartbeat
    </Button>
  );
  return (
    <div className="grid gap-3">
      <Loaded
        query={heartbeats}
        what="The heartbeats"
        lines={6}
        isEmpty={(data) => data.pages[0]!.total === 0}
        empty={
          <Empty title="Nothing is watched for silence yet" drawing={<HeartbeatDrawing />} action={add}>
            A job that stops sends no alert. A heartbeat must be heard of every so often; when it is not, an alert opens, and the next beat resolves it.
          </Empty>
        }
      >
        {(data) => (
          <>
            <div className="flex flex-wrap items-center justify-between gap-2">
              <p className="text-muted">Silence opens an alert; the next beat resolves it.</p>
              {add}
            </div>
            <ul className="grid gap-3">
              {data.pages.flatMap((page) => page.items).map((heartbeat) => (
                <Row key={heartbeat.id} heartbeat={heartbeat} isManager={isManager} onOpen={(what) => setOpen({ what, heartbeat })} />
              ))}
            </ul>
            {heartbeats.hasNextPage && (
              <Button className="justify-self-center" onClick={() => void heartbeats.fetchNextPage()} isBusy={heartbeats.isFetchingNextPage}>
                Show more
              </Button>
            )}
          </>
        )}
      </Loaded>
      {open?.what === "new" && <HeartbeatForm onClose={() => setOpen(null)} />}
      {open?.what === "edit" && <HeartbeatForm heartbeat={open.heartbeat} onClose={() => setOpen(null)} />}
      {open?.what === "delete" && (
        <RemoveDialog
          title={`Stop watching for ${open.heartbeat.name}?`}
          action="Delete heartbeat"
          noun="heartbeat"
          done={`${open.heartbeat.name} is no longer watched.`}
          onClose={() => setOpen(null)}
          remove={() => read(client.DELETE("/api/v1/heartbeats/{name}", { params: { path: { name: open.heartbeat.name }, header: { "If-Match": `"${open.heartbeat.revision}"` } } }))}
        >
          <p>{open.heartbeat.alert_id ? "Its open alert is resolved with it. " : ""}Beats of this name are listed among the rejected payloads from then on.</p>
        </RemoveDialog>
      )}
    </div>
  );
}

function Row({ heartbeat, isManager, onOpen }: { heartbeat: Heartbeat; isManager: boolean; onOpen: (what: "edit" | "delete") => void }) {
  const { name, status, interval_seconds, grace_seconds, matchers } = heartbeat;
  return (
    <li className="grid min-w-0 gap-2 rounded-lg border bg-card p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <SeverityMark severity={heartbeat.severity} />
        <h2 className="font-mono text-sm wrap-anywhere">{name}</h2>
        <Pill className={LOOKS[status]}>{status}</Pill>
        {heartbeat.alert_id && (
          <Link to="/alerts/$alertId" params={{ alertId: heartbeat.alert_id }} className="link">
            its alert
          </Link>
        )}
        {isManager && (
          <span className="ml-auto flex">
            <Button look="quiet" onClick={() => onOpen("edit")}>
              Edit<span className="sr-only"> {name}</span>
            </Button>
            <Menu trigger={<IconButton label={`More for ${name}`} icon={<EllipsisVertical size={18} />} />}>
              <MenuItem isDanger onSelect={() => onOpen("delete")}>
                Delete heartbeat
              </MenuItem>
            </Menu>
          </span>
        )}
      </div>
      {heartbeat.description && <p className="wrap-anywhere">{heartbeat.description}</p>}
      <p className="text-muted">
        Every {durationText(interval_seconds)}
        {grace_seconds > 0 && `, with ${durationText(grace_seconds)} of grace`}.{" "}
        {heartbeat.last_beat_at ? (
          <>
            Last beat <Ago at={heartbeat.last_beat_at} />.
          </>
        ) : (
          "Never heard of, so not missed either: send one beat to start."
        )}{" "}
        {heartbeat.due_at && (
          <>
            Missed if silent until <Moment at={heartbeat.due_at} />.
          </>
        )}
        {heartbeat.missed_at && (
          <>
            {" "}
            Missed <Ago at={heartbeat.missed_at} />.
          </>
        )}
      </p>
      {matchers && matchers.length > 0 ? (
        <p className="text-muted wrap-anywhere">
          Its beat is a firing alert with <code className="font-mono text-xs">{matcherText(matchers).replaceAll("\n", ", ")}</code>
        </p>
      ) : (
        <Snippet text={beatLine(name)} label={`Copy the beat of ${name}`} />
      )}
    </li>
  );
}

function beatLine(name: string): string {
  return `curl -fsS --retry 5 -X POST -H "X-API-Key: $KEY" ${window.location.origin}/api/v1/heartbeats/${name}`;
}

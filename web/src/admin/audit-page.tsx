import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";

import { client, read, type Schema } from "@/api/client";
import { saveCsv } from "@/api/csv";
import { itemsOf, pages } from "@/api/pages";
import { Absolute } from "@/time/time";
import { instantOf } from "@/time/local-input";
import { localZone } from "@/time/words";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { More } from "@/ui/more";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";

import type { AuditSearch } from "./audit-search";
import { diffOf } from "./diff";
import { AdminFrame } from "./frame";
import { pageOf } from "./links";

type Entry = Schema["AuditEntry"];

/** The API takes lists; the page filters by one of each. */
function asked(search: AuditSearch) {
  const { actor, action, entity, entity_id, after, before } = search;
  const [from, until] = [after, before].map((each) => each && instantOf(each));
  return {
    ...(actor ? { actor: [actor] } : {}),
    ...(action ? { action: [action] } : {}),
    ...(entity ? { entity: [entity] } : {}),
    ...(entity_id ? { entity_id } : {}),
    ...(from ? { after: from } : {}),
    ...(until ? { before: until } : {}),
  };
}

export default function AuditPage() {
  const search = useSearch({ from: "/shell/admin/audit" });
  const log = useInfiniteQuery(
    pages(["audit", search], (cursor) => read(client.GET("/api/v1/audit-log", { params: { query: { ...asked(search), limit: 100, ...(cursor ? { cursor } : {}) } } }))),
  );
  return (
    <AdminFrame title="Audit log" lead="Every change and every refusal, newest first, in a chain that cannot be altered unseen.">
      <Filter search={search} />
      <Panel title="Entries" actions={<Export search={search} />}>
        <Loaded
          query={log}
          what="The audit log"
          isEmpty={(data) => itemsOf(data).length === 0}
          empty={<Empty title="No entry fits">Take away a part of the filter.</Empty>}
          lines={8}
        >
          {(data) => {
            const [entries, newest] = [itemsOf(data), data.pages.at(-1)];
            return (
              <>
                <ol className="divide-y">
                  {entries.map((entry) => (
                    <EntryRow key={entry.id} entry={entry} />
                  ))}
                </ol>
                <More query={log} shown={entries.length} total={`${newest?.total_is_exact ? "" : "more than "}${newest?.total ?? 0}`} />
              </>
            );
          }}
        </Loaded>
      </Panel>
    </AdminFrame>
  );
}

function Filter({ search }: { search: AuditSearch }) {
  const navigate = useNavigate({ from: "/admin/audit" });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const filled = [...new FormData(event.currentTarget)].filter(([, value]) => value !== "");
    void navigate({ search: Object.fromEntries(filled) as AuditSearch });
  };
  return (
    <form key={JSON.stringify(search)} onSubmit={submit} className="grid grid-cols-2 items-end gap-3 md:grid-cols-3 xl:grid-cols-6" role="search">
      <TextField label="Who" name="actor" defaultValue={search.actor} hint="Name or id" />
      <TextField label="Did what" name="action" defaultValue={search.action} hint="For example: created" />
      <TextField label="To what" name="entity" defaultValue={search.entity} hint="For example: policy" />
      <TextField label="After" name="after" type="datetime-local" defaultValue={search.after} hint={localZone} />
      <TextField label="Before" name="before" type="datetime-local" defaultValue={search.before} hint={localZone} />
      <div className="flex flex-wrap gap-2 pb-5">
        <Button type="submit">Filter</Button>
        <Button look="quiet" onClick={() => void navigate({ search: {} })}>
          Clear
        </Button>
      </div>
    </form>
  );
}

function EntryRow({ entry }: { entry: Entry }) {
  const [isOpen, setOpen] = useState(false);
  const lines = diffOf(entry.changes as Record<string, unknown>);
  const page = pageOf(entry.entity, entry.entity_id);
  const isDenied = entry.action === "denied";
  return (
    <li className="py-2">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <span className="text-muted">
          <Absolute at={entry.at} />
        </span>
        <span className="font-medium wrap-anywhere">{entry.actor.name}</span>
        <span className={isDenied ? "text-danger" : ""}>
          {entry.action.replaceAll("_", " ")} {page ? <Link to={page} className="link">{entry.entity.replaceAll("_", " ")}</Link> : entry.entity.replaceAll("_", " ")}
        </span>
        <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)} className="link target -my-2 ml-auto px-1">
          {isOpen ? "Less" : lines.length ? `${lines.length} ${lines.length === 1 ? "field" : "fields"}` : "More"}
        </button>
      </div>
      {isOpen && (
        <div className="mt-2 grid gap-2 rounded-md border bg-sunken p-3">
          {lines.map((line) => (
            <div key={line.field} className="grid gap-1 sm:grid-cols-[10rem_1fr_1fr] sm:gap-3">
              <span className="text-muted">{line.field}</span>
              <del className="text-muted no-underline wrap-anywhere before:content-['−_']">{line.before ?? "nothing"}</del>
              <ins className="no-underline wrap-anywhere before:content-['+_']">{line.after ?? "nothing"}</ins>
            </div>
          ))}
          <p className="text-xs text-muted wrap-anywhere">
            Entry {entry.seq} · by {entry.actor.kind.replaceAll("_", " ")} {entry.actor.id} · from {entry.address ?? "inside"}
            {entry.request_id && <> · request {entry.request_id}</>} · hash <code className="font-mono">{entry.hash.slice(0, 16)}…</code>
          </p>
        </div>
      )}
    </li>
  );
}

function Export({ search }: { search: AuditSearch }) {
  const save = useMutation({
    mutationFn: () => {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(asked(search))) for (const each of [value].flat()) query.append(name, each);
      return saveCsv("audit-log.csv", "/api/v1/audit-log", query);
    },
    onSuccess: ({ isCut }) => toast.done(isCut ? "Saved audit-log.csv with the newest 10,000 entries" : "Saved audit-log.csv"),
    onError: (error) => toast.failed(`No CSV: ${error.message}`),
  });
  return (
    <Button look="quiet" onClick={() => save.mutate()} isBusy={save.isPending}>
      Export CSV
    </Button>
  );
}

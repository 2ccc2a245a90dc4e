import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams, useRouter, useSearch } from "@tanstack/react-router";
import { EllipsisVertical } from "lucide-react";
import { useState } from "react";

import { client, Problem, read } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { buttonClass, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { Markdown } from "@/ui/markdown";
import { Menu, MenuItem } from "@/ui/menu";
import { Page } from "@/ui/page";
import { Loaded, Panel } from "@/ui/panel";
import { Pill, SeverityMark } from "@/ui/severity";
import { toast } from "@/ui/toast";

import { runbookQuery, usesQuery, type Runbook } from "./queries";
import { useSteps } from "./steps";
import { StepsBar } from "./steps-bar";
import { withoutTitle } from "./title";

export default function RunbookPage() {
  const { runbookId } = useParams({ from: "/shell/runbooks/$runbookId" });
  const { alert } = useSearch({ from: "/shell/runbooks/$runbookId" });
  const query = useQuery(runbookQuery(runbookId));
  const runbook = query.data?.body;
  return (
    <Page
      title={runbook?.title ?? "Runbook"}
      lead={
        runbook && (
          <>
            Changed <Ago at={runbook.updated_at} />
            {runbook.category && ` · ${runbook.category}`}
          </>
        )
      }
      actions={query.data && <Actions runbook={query.data.body} etag={query.data.etag} />}
    >
      <Loaded query={query} what="The runbook" lines={8}>
        {({ body }) => (
          <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
            <Steps runbook={body} alert={alert} />
            <div className="grid content-start gap-4">
              <Panel title="Entries that use it">
                <Uses id={body.id} />
              </Panel>
              {(body.tags.length > 0 || body.is_template) && (
                <Panel title="Tags">
                  <p className="flex flex-wrap gap-1">
                    {body.is_template && <Pill className="border-accent text-accent">template</Pill>}
                    {body.tags.map((tag) => (
                      <Pill key={tag}>{tag}</Pill>
                    ))}
                  </p>
                </Panel>
              )}
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Steps({ runbook, alert }: { runbook: Runbook; alert: string | undefined }) {
  const steps = useSteps(`runbook.${runbook.id}`, alert);
  const text = withoutTitle(runbook.markdown, runbook.title);
  return (
    <Panel title="Steps" actions={<StepsBar text={text} steps={steps} alertId={alert} />}>
      {text.trim() ? <Markdown text={text} steps={steps} /> : <p className="text-muted">Nothing is written here yet.</p>}
      <p className="mt-4 border-t pt-3 text-xs text-muted">What you tick off is kept in this browser, for you{alert ? " and this alert" : ""} alone, for 30 days.</p>
    </Panel>
  );
}

function Uses({ id }: { id: string }) {
  const uses = useQuery(usesQuery(id));
  return (
    <Loaded query={uses} what="The entries" lines={2}>
      {({ uses: found, isComplete }) => (
        <div className="grid gap-2">
          {found.length === 0 && <p className="text-muted">None. Choose this runbook in an entry to link it.</p>}
          <ul className="grid gap-2">
            {found.map((incident) => (
              <li key={incident.id} className="flex gap-2">
                <SeverityMark severity={incident.severity} size={18} />
                <Link to="/incidents/$incidentId" params={{ incidentId: incident.id }} search={{}} className="link wrap-anywhere">
                  {incident.title}
                </Link>
              </li>
            ))}
          </ul>
          {!isComplete && <p className="text-xs text-muted">Only the newest 2,000 entries were looked through.</p>}
        </div>
      )}
    </Loaded>
  );
}

function Actions({ runbook, etag }: { runbook: Runbook; etag: string | null }) {
  const me = useMe();
  const router = useRouter();
  const cache = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const told = () => cache.invalidateQueries({ queryKey: ["runbook"] });
  const back = async () => {
    const { title, markdown, category, tags, is_template } = runbook;
    try {
      const again = await read(client.POST("/api/v1/runbooks", { body: { title, markdown, category, tags, is_template } }));
      await told();
      await router.navigate({ to: "/runbooks/$runbookId", params: { runbookId: again.id }, search: {} });
    } catch (error) {
      toast.failed(`"${title}" could not be brought back. ${error instanceof Error ? error.message : ""}`);
    }
  };
  const remove = useMutation({
    mutationFn: () => read(client.DELETE("/api/v1/runbooks/{runbook_id}", { params: { path: { runbook_id: runbook.id }, header: { "If-Match": etag ?? undefined } } })),
    onSuccess: async () => {
      setAsking(false);
      await router.navigate({ to: "/runbooks", search: {} });
      await told();
      toast.done(`"${runbook.title}" is deleted.`, () => void back());
    },
    onError: (error) => {
      if (error instanceof Problem && error.status === 412) void told();
    },
  });
  const error = remove.error instanceof Problem && remove.error.status === 412 ? new Error("Somebody changed this runbook meanwhile. The newest is shown now; look at it, then decide again.") : remove.error;
  if (!may(me, "engineer")) return null;
  return (
    <>
      <Link to="/runbooks/$runbookId/edit" params={{ runbookId: runbook.id }} className={buttonClass()}>
        Edit
      </Link>
      <Menu trigger={<IconButton label="More for this runbook" icon={<EllipsisVertical size={18} />} />}>
        <MenuItem isDanger disabled={!may(me, "manager")} onSelect={() => setAsking(true)}>
          Delete runbook{!may(me, "manager") && " (needs manager)"}
        </MenuItem>
      </Menu>
      <Confirm isOpen={isAsking} onClose={() => setAsking(false)} onConfirm={() => remove.mutate()} title={`Delete "${runbook.title}"?`} action="Delete runbook" isDanger isBusy={remove.isPending}>
        <div className="grid gap-3">
          <p>Entries that name it lose the link. Undo writes it again, without those links.</p>
          <FormError error={error} />
        </div>
      </Confirm>
    </>
  );
}

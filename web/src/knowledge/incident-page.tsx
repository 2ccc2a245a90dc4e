import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { EllipsisVertical } from "lucide-react";
import { useState } from "react";

import { useSteps } from "@/runbooks/steps";
import { StepsBar } from "@/runbooks/steps-bar";
import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { buttonClass, IconButton } from "@/ui/button";
import { Markdown } from "@/ui/markdown";
import { Menu, MenuItem } from "@/ui/menu";
import { Page } from "@/ui/page";
import { Loaded, Panel } from "@/ui/panel";
import { SeverityMark } from "@/ui/severity";
import { Tabs } from "@/ui/tabs";

import { ArchiveDialog } from "./archive";
import { IncidentFacts } from "./incident-facts";
import { IncidentHistory } from "./incident-history";
import { IncidentSimilar } from "./incident-similar";
import { incidentQuery, type Incident } from "./queries";
import type { IncidentTab } from "./routes";

export default function IncidentPage() {
  const { incidentId } = useParams({ from: "/shell/incidents/$incidentId" });
  const query = useQuery(incidentQuery(incidentId));
  const incident = query.data?.body;
  return (
    <Page
      title={
        incident ? (
          <span className="inline-flex items-start gap-2">
            <span className="pt-1">
              <SeverityMark severity={incident.severity} size={24} />
            </span>
            {incident.title}
          </span>
        ) : (
          "Entry"
        )
      }
      documentTitle={incident?.title ?? "Entry"}
      lead={
        incident && (
          <>
            Changed <Ago at={incident.updated_at} />
            {incident.category && ` · ${incident.category}`}
          </>
        )
      }
      actions={query.data && <Actions incident={query.data.body} etag={query.data.etag} />}
    >
      <Loaded query={query} what="The entry" lines={8}>
        {({ body }) => <Entry incident={body} />}
      </Loaded>
    </Page>
  );
}

function Entry({ incident }: { incident: Incident }) {
  const { tab = "entry", alert } = useSearch({ from: "/shell/incidents/$incidentId" });
  const navigate = useNavigate({ from: "/incidents/$incidentId" });
  const me = useMe();
  return (
    <>
      <State incident={incident} />
      <Tabs
        label="Parts of the entry"
        value={tab}
        onChange={(value) => void navigate({ search: { ...(alert ? { alert } : {}), ...(value === "entry" ? {} : { tab: value as IncidentTab }) }, replace: true })}
        tabs={[
          { value: "entry", label: "Entry", content: <Texts incident={incident} alert={alert} /> },
          { value: "history", label: "History", content: <IncidentHistory id={incident.id} /> },
          { value: "similar", label: "Similar", content: <IncidentSimilar id={incident.id} mayMerge={may(me, "manager") && incident.status === "active"} /> },
        ]}
      />
    </>
  );
}

function Texts({ incident, alert }: { incident: Incident; alert: string | undefined }) {
  const steps = useSteps(`incident.${incident.id}`, alert);
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem] xl:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="grid content-start gap-4">
        <Panel title="Solution" className="border-accent/40" actions={<StepsBar text={incident.solution} steps={steps} alertId={alert} />}>
          <Text text={incident.solution} missing="Nobody has written yet what helps." steps={steps} />
        </Panel>
        <Panel title="Symptoms">
          <Text text={incident.symptoms} missing="Nobody has written yet what it looks like." />
        </Panel>
        <Panel title="Root cause">
          <Text text={incident.root_cause} missing="The cause is not known yet." />
        </Panel>
      </div>
      <IncidentFacts incident={incident} />
    </div>
  );
}

function Text({ text, missing, steps }: { text: string; missing: string; steps?: ReturnType<typeof useSteps> }) {
  return text.trim() ? <Markdown text={text} {...(steps ? { steps } : {})} /> : <p className="text-muted">{missing}</p>;
}

function State({ incident }: { incident: Incident }) {
  if (incident.status === "active") return null;
  return (
    <p role="note" className="rounded-md border border-control px-4 py-2">
      {incident.merged_into_id ? (
        <>
          This entry has become part of{" "}
          <Link to="/incidents/$incidentId" params={{ incidentId: incident.merged_into_id }} className="link">
            another one
          </Link>
          , which answers in its place.
        </>
      ) : (
        "This entry is archived: no alert finds it. Edit and save it to make it active again."
      )}
    </p>
  );
}

function Actions({ incident, etag }: { incident: Incident; etag: string | null }) {
  const me = useMe();
  const navigate = useNavigate();
  const [isArchiving, setArchiving] = useState(false);
  const params = { incidentId: incident.id };
  if (incident.status === "merged" || !may(me, "engineer")) return null;
  return (
    <>
      <Link to="/incidents/$incidentId/edit" params={params} className={buttonClass()}>
        Edit
      </Link>
      <Menu trigger={<IconButton label="More for this entry" icon={<EllipsisVertical size={18} />} />}>
        <MenuItem disabled={!may(me, "manager") || incident.status !== "active"} onSelect={() => void navigate({ to: "/incidents/$incidentId/merge", params, search: {} })}>
          Merge another entry into it{!may(me, "manager") && " (needs manager)"}
        </MenuItem>
        <MenuItem isDanger disabled={!may(me, "manager") || incident.status === "archived"} onSelect={() => setArchiving(true)}>
          Archive or delete{!may(me, "manager") && " (needs manager)"}
        </MenuItem>
      </Menu>
      {isArchiving && <ArchiveDialog incident={incident} etag={etag} onClose={() => setArchiving(false)} />}
    </>
  );
}

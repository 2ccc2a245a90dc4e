import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";

import { client, Problem, read } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Page } from "@/ui/page";
import { Empty, Loaded } from "@/ui/panel";

import { NOTHING, valuesOf } from "./form-values";
import { IncidentForm } from "./incident-form";
import { draftQuery } from "./queries";

export default function NewIncidentPage() {
  const { alert } = useSearch({ from: "/shell/incidents/new" });
  const isWriter = may(useMe(), "engineer");
  return (
    <Page
      title="New entry"
      lead={
        alert ? (
          <>
            From{" "}
            <Link to="/alerts/$alertId" params={{ alertId: alert }} className="link">
              this alert
            </Link>
            , which shows the entry from then on.
          </>
        ) : (
          "A known problem, its cause, and what helps."
        )
      }
    >
      {!isWriter ? <Empty title="Your role reads only">Writing entries needs the role engineer.</Empty> : alert ? <FromAlert key={alert} alertId={alert} /> : <Blank />}
    </Page>
  );
}

function Blank() {
  return <IncidentForm isNew first={{ values: NOTHING, etag: null }} readNewest={async () => ({ values: NOTHING, etag: null })} save={(body) => read(client.POST("/api/v1/incidents", { body }))} />;
}

function FromAlert({ alertId }: { alertId: string }) {
  const draft = useQuery(draftQuery(alertId));
  if (!draft.data && draft.error instanceof Problem && draft.error.status === 409) return <Known problem={draft.error} />;
  return (
    <Loaded query={draft} what="The draft" lines={8}>
      {(content) => (
        <IncidentForm
          isNew
          first={{ values: valuesOf(content), etag: null }}
          readNewest={async () => ({ values: valuesOf(content), etag: null })}
          save={(body) => read(client.POST("/api/v1/alerts/{alert_id}/promote", { params: { path: { alert_id: alertId } }, body }))}
        />
      )}
    </Loaded>
  );
}

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/u;

/** An entry answers for the alert's fingerprint already: that one is to be written on. */
function Known({ problem }: { problem: Problem }) {
  const id = ID.exec([problem.detail, ...problem.fields.map(({ reason }) => reason)].join(" "))?.[0];
  return (
    <Empty title="This alert has an entry already">
      <p>A fingerprint belongs to one entry.</p>
      {id ? (
        <Link to="/incidents/$incidentId" params={{ incidentId: id }} className="link">
          Open that entry
        </Link>
      ) : (
        <p>{problem.message}</p>
      )}
    </Empty>
  );
}

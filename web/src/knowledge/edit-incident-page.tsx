import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { client, read, readWithTag } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Page } from "@/ui/page";
import { Empty, Loaded } from "@/ui/panel";

import { valuesOf } from "./form-values";
import { IncidentForm } from "./incident-form";
import { incidentQuery } from "./queries";

export default function EditIncidentPage() {
  const { incidentId } = useParams({ from: "/shell/incidents/$incidentId/edit" });
  const isWriter = may(useMe(), "engineer");
  const query = useQuery({ ...incidentQuery(incidentId), refetchOnWindowFocus: false });
  const path = { incident_id: incidentId };
  return (
    <Page title="Edit entry" documentTitle={query.data ? `Edit ${query.data.body.title}` : "Edit entry"} lead={query.data?.body.title}>
      {!isWriter ? (
        <Empty title="Your role reads only">Changing entries needs the role engineer.</Empty>
      ) : (
        <Loaded query={query} what="The entry" lines={8}>
          {({ body, etag }) =>
            body.status === "merged" ? (
              <Empty title="This entry is merged">Edit the one that answers in its place.</Empty>
            ) : (
              // The form keeps what it began with: a newer answer does not reach into what is being typed.
              <IncidentForm
                key={incidentId}
                isNew={body.status === "archived"}
                first={{ values: valuesOf(body), etag }}
                readNewest={async () => {
                  const newest = await readWithTag(client.GET("/api/v1/incidents/{incident_id}", { params: { path } }));
                  return { values: valuesOf(newest.body), etag: newest.etag };
                }}
                save={(content, tag) => read(client.PUT("/api/v1/incidents/{incident_id}", { params: { path, header: { "If-Match": tag ?? undefined } }, body: content }))}
              />
            )
          }
        </Loaded>
      )}
    </Page>
  );
}

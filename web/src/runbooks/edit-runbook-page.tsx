import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { client, read, readWithTag } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Page } from "@/ui/page";
import { Empty, Loaded } from "@/ui/panel";

import { valuesOf } from "./form-values";
import { runbookQuery } from "./queries";
import { RunbookForm } from "./runbook-form";

export default function EditRunbookPage() {
  const { runbookId } = useParams({ from: "/shell/runbooks/$runbookId/edit" });
  const isWriter = may(useMe(), "engineer");
  const query = useQuery({ ...runbookQuery(runbookId), refetchOnWindowFocus: false });
  const path = { runbook_id: runbookId };
  return (
    <Page title="Edit runbook" documentTitle={query.data ? `Edit ${query.data.body.title}` : "Edit runbook"} lead={query.data?.body.title}>
      {!isWriter ? (
        <Empty title="Your role reads only">Changing runbooks needs the role engineer.</Empty>
      ) : (
        <Loaded query={query} what="The runbook" lines={8}>
          {({ body, etag }) => (
            <RunbookForm
              key={runbookId}
              isNew={false}
              first={{ values: valuesOf(body), etag }}
              readNewest={async () => {
                const newest = await readWithTag(client.GET("/api/v1/runbooks/{runbook_id}", { params: { path } }));
                return { values: valuesOf(newest.body), etag: newest.etag };
              }}
              save={(content, tag) => read(client.PUT("/api/v1/runbooks/{runbook_id}", { params: { path, header: { "If-Match": tag ?? undefined } }, body: content }))}
            />
          )}
        </Loaded>
      )}
    </Page>
  );
}

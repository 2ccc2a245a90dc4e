import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { client, read } from "@/api/client";
import { queries } from "@/api/queries";
import { may, useMe } from "@/session/me";
import { Page } from "@/ui/page";
import { Empty, Loaded } from "@/ui/panel";
import { toast } from "@/ui/toast";

import { contentOf, draftOf, newDraft, type Draft } from "./draft";
import { Editor } from "./editor";
import { directoryQuery, policyQuery } from "./queries";
import type { Directory } from "./targets";
import { TryDraft } from "./try-draft";

const route = getRouteApi("/shell/policies/new");

export default function NewPolicyPage() {
  const me = useMe();
  const { copy } = route.useSearch();
  const directory = useQuery(directoryQuery(may(me, "manager")));
  return (
    <Page title="New policy" lead="Whom an alert pages first, how long it waits, and who comes next. Nothing is in force before you publish it.">
      {may(me, "manager") ? (
        <Loaded query={directory} what="People and rosters">
          {(known) => (copy ? <Copied from={copy} directory={known} /> : <Form start={newDraft(known.rosters.length === 1 ? known.rosters[0]!.id : "")} directory={known} />)}
        </Loaded>
      ) : (
        <Empty title="Managers make policies">Ask a manager of your tenant; your role may look at them and try them.</Empty>
      )}
    </Page>
  );
}

function Copied({ from, directory }: { from: string; directory: Directory }) {
  const policy = useQuery(policyQuery(from));
  return (
    <Loaded query={policy} what="The policy to copy">
      {({ body }) => <Form start={{ ...draftOf(body), name: `${body.name} (copy)` }} directory={directory} />}
    </Loaded>
  );
}

function Form({ start, directory }: { start: Draft; directory: Directory }) {
  const navigate = useNavigate();
  const publish = async (draft: Draft) => {
    const made = await read(client.POST("/api/v1/policies", { body: contentOf(draft) }));
    void queries.invalidateQueries({ queryKey: ["policy"] });
    toast.done(`${made.name} is there. Give it to a route, or make it the default of the tenant.`);
    await navigate({ to: "/policies/$policyId", params: { policyId: made.id }, search: {}, ignoreBlocker: true });
  };
  return <Editor start={start} stored={null} directory={directory} action="Publish" onSave={publish} onCancel={() => void navigate({ to: "/policies" })} aside={(draft) => <TryDraft draft={draft} directory={directory} />} />;
}

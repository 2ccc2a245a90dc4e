import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";

import { client, read } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Page } from "@/ui/page";
import { Empty, Loaded } from "@/ui/panel";

import { NOTHING, valuesOf, type RunbookValues } from "./form-values";
import { templatesQuery } from "./queries";
import { RunbookForm } from "./runbook-form";
import { nameOf } from "./templates";

export default function NewRunbookPage() {
  const { template } = useSearch({ from: "/shell/runbooks/new" });
  const isWriter = may(useMe(), "engineer");
  return (
    <Page title="New runbook" lead="What to do, step by step, for whoever is woken.">
      {!isWriter ? <Empty title="Your role reads only">Writing runbooks needs the role engineer.</Empty> : template ? <FromTemplate key={template} name={template} /> : <Blank values={NOTHING} />}
    </Page>
  );
}

function FromTemplate({ name }: { name: string }) {
  const templates = useQuery(templatesQuery);
  return (
    <Loaded query={templates} what="The template" lines={8}>
      {(page) => {
        const found = page.items.find((each) => nameOf(each) === name);
        if (!found) return <Empty title="There is no such template">It may have been deleted.</Empty>;
        return <Blank values={valuesOf({ ...found, is_template: false })} />;
      }}
    </Loaded>
  );
}

function Blank({ values }: { values: RunbookValues }) {
  return <RunbookForm isNew first={{ values, etag: null }} readNewest={async () => ({ values, etag: null })} save={(body) => read(client.POST("/api/v1/runbooks", { body }))} />;
}

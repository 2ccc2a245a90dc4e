/** One alert: what broke, what to do, who is told, and why. */
import "@fontsource-variable/jetbrains-mono/index.css";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { alertQuery } from "@/alerts/queries";
import type { AlertSearch } from "@/alerts/search";
import { Problem, type Schema } from "@/api/client";
import { Page } from "@/ui/page";
import { Empty, Loaded } from "@/ui/panel";
import { SeverityMark } from "@/ui/severity";
import { Tabs } from "@/ui/tabs";

import { AlertDialogs } from "./alert-dialogs";
import { AlertFacts } from "./alert-facts";
import { AlertHead } from "./alert-head";
import { AlertRelated } from "./alert-related";
import { Explanation } from "./explanation";
import { KnownAnswer } from "./known-answer";
import { Ladder } from "./ladder";
import { Mapping } from "./mapping";
import { RawPayloads } from "./raw-payload";
import { Timeline } from "./timeline";
import { useVerbs } from "./use-verbs";
import { ThumbBar, VerbRow } from "./verb-buttons";

export default function AlertPage() {
  const { alertId } = useParams({ from: "/shell/alerts/$alertId" });
  const alert = useQuery(alertQuery(alertId));
  if (alert.data) return <Shown key={alertId} alert={alert.data} query={alert} />;
  if (alert.error instanceof Problem && alert.error.isMissing)
    return (
      <Page title="There is no such alert">
        <Empty title="No alert has this id">It may be of another tenant, or past the time for which alerts are kept.</Empty>
      </Page>
    );
  return (
    <Page title="Alert">
      <Loaded query={alert} what="The alert" lines={8}>
        {() => null}
      </Loaded>
    </Page>
  );
}

type Detail = Schema["AlertDetail"];

function Shown({ alert, query }: { alert: Detail; query: Parameters<typeof Loaded<Detail>>[0]["query"] }) {
  const verbs = useVerbs(alert);
  return (
    <Page
      title={
        <span className="flex items-start gap-3">
          <span className="mt-1 leading-none">
            <SeverityMark severity={alert.severity} size={26} />
          </span>
          <span className="min-w-0 font-mono text-xl wrap-anywhere md:text-2xl">{alert.title}</span>
        </span>
      }
      documentTitle={alert.title}
      actions={<VerbRow verbs={verbs} />}
    >
      <Loaded query={query} what="The alert">
        {() => <AlertHead alert={alert} refusal={verbs.refusal} />}
      </Loaded>
      <div className="grid min-w-0 gap-4 md:gap-6 lg:grid-cols-[minmax(0,1fr)_22rem] lg:grid-rows-[auto_1fr] xl:grid-cols-[minmax(0,1fr)_26rem]">
        <KnownAnswer alert={alert} />
        <div className="min-w-0 lg:col-start-2 lg:row-span-2 lg:row-start-1">
          <Ladder alert={alert} verbs={verbs} />
        </div>
        <div className="grid min-w-0 content-start gap-4 md:gap-6">
          <AlertFacts alert={alert} />
          <AlertRelated alert={alert} />
          <Decisions alert={alert} />
        </div>
      </div>
      <ThumbBar verbs={verbs} />
      <AlertDialogs alert={alert} verbs={verbs} />
    </Page>
  );
}

function Decisions({ alert }: { alert: Detail }) {
  const search = useSearch({ from: "/shell/alerts/$alertId" });
  const navigate = useNavigate({ from: "/alerts/$alertId" });
  const go = (next: AlertSearch) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false, hash: (hash) => hash ?? "" });
  return (
    <section aria-label="What was decided" className="min-w-0 rounded-lg border bg-card px-4 pt-1 pb-4">
      <h2 className="sr-only">What was decided</h2>
      <Tabs
        label="What was decided"
        value={search.tab ?? "timeline"}
        onChange={(tab) => go({ tab: tab as AlertSearch["tab"] })}
        tabs={[
          { value: "timeline", label: "Timeline", content: <Timeline alertId={alert.id} title={alert.title} show={search.show ?? "all"} onShow={(show) => go({ show })} /> },
          { value: "mapping", label: "Mapping", content: <Mapping alertId={alert.id} /> },
          { value: "raw", label: "Raw payload", content: <RawPayloads alertId={alert.id} /> },
          { value: "explain", label: "Why", content: <Explanation alertId={alert.id} /> },
        ]}
      />
    </section>
  );
}

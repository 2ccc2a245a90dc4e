import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";

import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { Button, buttonClass } from "@/ui/button";
import { parseMarkdown, stepsOf } from "@/ui/markdown-tree";
import { Page } from "@/ui/page";
import { Empty, Loaded } from "@/ui/panel";
import { Pill } from "@/ui/severity";
import { Tabs } from "@/ui/tabs";

import { StepsDrawing } from "./drawing";
import { runbooksQuery, type Runbook } from "./queries";
import type { RunbooksTab } from "./routes";
import { Templates } from "./templates";

export default function RunbooksPage() {
  const { tab = "own", category } = useSearch({ from: "/shell/runbooks" });
  const navigate = useNavigate({ from: "/runbooks" });
  const isWriter = may(useMe(), "engineer");
  return (
    <Page
      title="Runbooks"
      lead="Steps for people. Entries of the knowledge base link to them."
      actions={
        isWriter && (
          <Link to="/runbooks/new" search={{}} className={buttonClass("ack")}>
            <Plus size={16} aria-hidden /> New runbook
          </Link>
        )
      }
    >
      <Tabs
        label="Runbooks"
        value={tab}
        onChange={(value) => void navigate({ search: value === "own" ? {} : { tab: value as RunbooksTab }, replace: true })}
        tabs={[
          { value: "own", label: "Yours", content: <Own category={category} isWriter={isWriter} /> },
          { value: "templates", label: "Templates", content: <Templates isWriter={isWriter} /> },
        ]}
      />
    </Page>
  );
}

function Own({ category, isWriter }: { category: string | undefined; isWriter: boolean }) {
  const runbooks = useInfiniteQuery(runbooksQuery(category));
  return (
    <div className="grid gap-3">
      {category && (
        <p className="flex items-center gap-2">
          Category <Pill>{category}</Pill>
          <Link to="/runbooks" search={{}} className="link">
            Show all
          </Link>
        </p>
      )}
      <Loaded query={runbooks} what="The runbooks" lines={6} isEmpty={(data) => data.pages[0]!.total === 0} empty={<Nothing isNarrowed={category !== undefined} isWriter={isWriter} />}>
        {(data) => (
          <>
            <ul className="rounded-lg border bg-card">
              {data.pages.flatMap((page) => page.items).map((runbook) => (
                <Row key={runbook.id} runbook={runbook} />
              ))}
            </ul>
            {runbooks.hasNextPage && (
              <Button className="justify-self-center" onClick={() => void runbooks.fetchNextPage()} isBusy={runbooks.isFetchingNextPage}>
                Show more
              </Button>
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}

function Row({ runbook }: { runbook: Runbook }) {
  const steps = stepsOf(parseMarkdown(runbook.markdown)).length;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-4 py-3 last:border-b-0">
      <div className="min-w-0 flex-1 basis-60">
        <Link to="/runbooks/$runbookId" params={{ runbookId: runbook.id }} search={{}} className="font-medium wrap-anywhere hover:underline">
          {runbook.title}
        </Link>
        <p className="text-xs text-muted">
          {steps === 0 ? "No steps yet" : steps === 1 ? "1 step" : `${steps} steps`} · changed <Ago at={runbook.updated_at} />
        </p>
      </div>
      <div className="flex flex-wrap gap-1">
        {runbook.is_template && <Pill className="border-accent text-accent">template</Pill>}
        {runbook.category && (
          <Link to="/runbooks" search={{ category: runbook.category }} aria-label={`Category ${runbook.category}`} className="inline-flex min-h-6 items-center hover:underline">
            <Pill>{runbook.category}</Pill>
          </Link>
        )}
        {runbook.tags.map((tag) => (
          <Pill key={tag}>{tag}</Pill>
        ))}
      </div>
    </li>
  );
}

function Nothing({ isNarrowed, isWriter }: { isNarrowed: boolean; isWriter: boolean }) {
  if (isNarrowed) return <Empty title="No runbook has this category" />;
  return (
    <div className="rounded-lg border bg-card">
      <Empty
        title="No runbooks yet"
        drawing={<StepsDrawing />}
        action={
          <Link to="/runbooks" search={{ tab: "templates" }} className={buttonClass(isWriter ? "ack" : "neutral")}>
            See the templates
          </Link>
        }
      >
        A runbook is what to do, step by step, with commands to copy. Whoever follows it ticks the steps off. Nine templates for common Kubernetes failures are here to start from.
      </Empty>
    </div>
  );
}

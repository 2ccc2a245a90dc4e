import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, type ComponentType } from "react";

import { Page } from "@/ui/page";
import { Skeleton } from "@/ui/panel";
import { Tabs } from "@/ui/tabs";

import { Overview } from "./overview";
import { TABS, type StatusTab } from "./tab-names";

const PARTS: Record<StatusTab, ComponentType> = {
  overview: Overview,
  pages: lazy(() => import("./pages")),
  rejected: lazy(() => import("./rejected")),
  letters: lazy(() => import("./dead-letters")),
  heartbeats: lazy(() => import("./heartbeats")),
  endpoints: lazy(() => import("./endpoints")),
  subscriptions: lazy(() => import("./subscriptions")),
};

export default function StatusPage() {
  const { tab = "overview" } = useSearch({ from: "/shell/status" });
  const navigate = useNavigate({ from: "/status" });
  return (
    <Page title="Status and delivery" lead="Whether alerts come in and pages go out. Looks again every 10 seconds while you see it.">
      <Tabs
        label="Parts of the status"
        value={tab}
        onChange={(value) => void navigate({ search: value === "overview" ? {} : { tab: value as StatusTab }, replace: true })}
        tabs={TABS.map(([value, label]) => {
          const Part = PARTS[value];
          return {
            value,
            label,
            content: (
              <Suspense fallback={<Skeleton lines={6} what={label} />}>
                <Part />
              </Suspense>
            ),
          };
        })}
      />
    </Page>
  );
}

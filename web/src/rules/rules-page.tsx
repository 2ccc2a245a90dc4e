/** Rules about noise: where alerts belong, what mutes their pages, and which are one thing. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { Page } from "@/ui/page";
import { Tabs } from "@/ui/tabs";

import { Dialogs } from "./dialogs";
import { GROUPING, INHIBITION, ROUTES, silences, WINDOWS } from "./kinds";
import { rulesQuery } from "./queries";
import type { RulesSearch, RuleTab } from "./routes";
import { SilencesTab } from "./silences-tab";
import { GroupingTab, InhibitionTab, RoutesTab, WindowsTab } from "./tabs";

const route = getRouteApi("/shell/rules");

export default function RulesPage() {
  const search = route.useSearch() as RulesSearch;
  const navigate = useNavigate();
  const tab = search.tab ?? "routes";
  const go = (next: RulesSearch, isSaved = false) => void navigate({ to: "/rules", search: next, ignoreBlocker: isSaved, resetScroll: false });
  const here: RulesSearch = { tab, all: search.all };
  const onNew = () => go({ ...here, new: 1 });
  const onEdit = (edit: string) => go({ ...here, edit });
  const counts: Record<RuleTab, number | undefined> = {
    routes: useQuery(rulesQuery(ROUTES)).data?.total,
    silences: useQuery(rulesQuery(silences(false))).data?.total,
    windows: useQuery(rulesQuery(WINDOWS)).data?.total,
    grouping: useQuery(rulesQuery(GROUPING)).data?.total,
    inhibition: useQuery(rulesQuery(INHIBITION)).data?.total,
  };
  const label = (value: RuleTab, words: string) => (
    <>
      {words} {counts[value] !== undefined && <span className="text-muted tabular-nums">{counts[value]}</span>}
    </>
  );
  return (
    <Page title="Rules" lead="Where alerts belong, what mutes their pages, and which of them are one thing. A rule never touches an alert's state.">
      <Tabs
        label="Kinds of rules"
        value={tab}
        onChange={(value) => go({ tab: value as RuleTab })}
        tabs={[
          { value: "routes", label: label("routes", "Routes"), content: <RoutesTab onNew={onNew} onEdit={onEdit} /> },
          {
            value: "silences",
            label: label("silences", "Silences"),
            content: <SilencesTab withExpired={search.all === 1} onExpired={(shown) => go({ tab, all: shown ? 1 : undefined })} onNew={(matchers) => go({ ...here, new: 1, matchers })} onEdit={onEdit} />,
          },
          { value: "windows", label: label("windows", "Maintenance windows"), content: <WindowsTab onNew={onNew} onEdit={onEdit} /> },
          { value: "grouping", label: label("grouping", "Grouping"), content: <GroupingTab onNew={onNew} onEdit={onEdit} /> },
          { value: "inhibition", label: label("inhibition", "Inhibition"), content: <InhibitionTab onNew={onNew} onEdit={onEdit} /> },
        ]}
      />
      {(search.new || search.edit) && <Dialogs key={`${tab} ${search.edit ?? "new"}`} tab={tab} edit={search.edit} matchers={search.matchers} onDone={(isSaved) => go(here, isSaved)} />}
    </Page>
  );
}

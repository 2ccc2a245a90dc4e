import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useMe } from "@/session/me";
import { buttonClass } from "@/ui/button";
import { Page } from "@/ui/page";
import { Panel } from "@/ui/panel";
import { Tabs } from "@/ui/tabs";

import { Contacts } from "./contacts";
import { PageRules } from "./page-rules";
import type { Tab } from "./routes";
import { Screen } from "./screen";
import { ThisBrowser } from "./this-browser";
import { Tokens } from "./tokens";

export default function SettingsPage() {
  const me = useMe();
  const { tab = me.user_id ? "reach" : "screen" } = useSearch({ from: "/shell/settings" });
  const navigate = useNavigate({ from: "/settings" });
  const forPeople = (content: (userId: string) => ReactNode) => (me.user_id ? content(me.user_id) : <NotAPerson />);
  return (
    <Page
      title="Settings"
      lead={`${me.name}, ${me.role} of ${me.tenant}`}
      actions={
        me.user_id === null && (
          <a href="/change-password" className={buttonClass()}>
            Change password
          </a>
        )
      }
    >
      <Tabs
        label="Settings"
        value={tab}
        onChange={(value) => void navigate({ search: { tab: value as Tab } })}
        tabs={[
          { value: "reach", label: "How you are reached", content: forPeople((id) => <Reached userId={id} />) },
          { value: "pages", label: "How you are paged", content: forPeople((id) => <PageRules userId={id} />) },
          { value: "screen", label: "Screen and keys", content: <Screen /> },
          { value: "tokens", label: "Personal tokens", content: forPeople(() => <Tokens />) },
        ]}
      />
    </Page>
  );
}

function Reached({ userId }: { userId: string }) {
  return (
    <div className="grid gap-4">
      <Contacts userId={userId} name={null} />
      <ThisBrowser userId={userId} />
    </div>
  );
}

function NotAPerson() {
  return (
    <Panel title="Not for a local admin">
      <div className="grid max-w-prose gap-3 text-muted">
        <p>A local admin looks after the tenant and cannot be on call, so there is nobody to reach here. So that pages reach people:</p>
        <ol className="ml-5 grid list-decimal gap-1">
          <li>
            <Link to="/admin/users" className="link">
              Add people
            </Link>
            , yourself too if you are ever to be paged.
          </li>
          <li>
            Let them sign in:{" "}
            <Link to="/admin/sign-in" className="link">
              set up your organisation's accounts
            </Link>
            .
          </li>
          <li>Each one verifies their addresses on this very page, by a code that goes there.</li>
          <li>Meanwhile you can vouch for an address that you know: under People, behind each name.</li>
        </ol>
      </div>
    </Panel>
  );
}

/** One policy: how it climbs now, its editor, and its versions. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { Button, buttonClass } from "@/ui/button";
import { Page } from "@/ui/page";
import { Loaded } from "@/ui/panel";
import { Tabs } from "@/ui/tabs";

import { Archive } from "./archive";
import { EditTab } from "./edit-tab";
import { LadderTab } from "./ladder-tab";
import { directoryQuery, policyQuery } from "./queries";
import type { PolicySearch } from "./routes";
import { VersionsTab } from "./versions-tab";

const route = getRouteApi("/shell/policies/$policyId");

export default function PolicyPage() {
  const { policyId } = route.useParams();
  const search = route.useSearch() as PolicySearch;
  const navigate = useNavigate();
  const me = useMe();
  const mayWrite = may(me, "manager");
  const policy = useQuery(policyQuery(policyId));
  const directory = useQuery(directoryQuery(mayWrite));
  const [isArchiving, setArchiving] = useState(false);
  const go = (next: PolicySearch, isSaved = false) => void navigate({ to: "/policies/$policyId", params: { policyId }, search: next, ignoreBlocker: isSaved });
  const stored = policy.data?.body;
  const isArchived = Boolean(stored?.archived_at);
  return (
    <Page
      title={stored?.name ?? "Policy"}
      lead={
        stored && (
          <>
            Version {stored.version}, changed <Ago at={stored.updated_at} />
            {isArchived && ". Archived: it is in no list, and alerts that run under it go on."}
          </>
        )
      }
      actions={
        mayWrite ? (
          <>
            <Link to="/policies/new" search={{ copy: policyId }} className={buttonClass()}>
              Copy
            </Link>
            <Button onClick={() => setArchiving(true)} disabled={!stored || isArchived}>
              Archive
            </Button>
          </>
        ) : (
          <p className="text-muted">Managers change policies.</p>
        )
      }
    >
      <Loaded query={policy} what="The policy">
        {(tagged) => (
          <Loaded query={directory} what="People and rosters">
            {(known) => (
              <Tabs
                label="About this policy"
                value={search.tab ?? "ladder"}
                onChange={(tab) => go({ tab: tab as PolicySearch["tab"] })}
                tabs={[
                  { value: "ladder", label: "Ladder", content: <LadderTab policy={tagged.body} directory={known} moment={{ at: search.at ?? null, severity: search.severity ?? "critical" }} onMoment={({ at, severity }) => go({ at: at ?? undefined, severity: severity === "critical" ? undefined : severity })} /> },
                  ...(mayWrite && !isArchived ? [{ value: "edit", label: "Edit", content: <EditTab key={policyId} newest={tagged} directory={known} onLeave={(isSaved) => go({}, isSaved)} /> }] : []),
                  { value: "versions", label: "Versions", content: <VersionsTab policy={tagged.body} etag={tagged.etag} directory={known} chosen={search} onChoose={(from, to) => go({ tab: "versions", from, to })} /> },
                ]}
              />
            )}
          </Loaded>
        )}
      </Loaded>
      {policy.data && <Archive policy={policy.data.body} etag={policy.data.etag} isOpen={isArchiving} onClose={() => setArchiving(false)} />}
    </Page>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { client, read } from "@/api/client";
import { useMe } from "@/session/me";
import { Page } from "@/ui/page";
import { Loaded, Panel } from "@/ui/panel";

const versionQuery = { queryKey: ["version"], queryFn: () => read(client.GET("/api/v1/version")), staleTime: Infinity };

export default function AboutPage() {
  const version = useQuery(versionQuery);
  const me = useMe();
  return (
    <Page title="About NightOwl" lead="It receives alerts, finds who is on call, and pages until somebody acknowledges.">
      <div className="grid gap-4 lg:grid-cols-2">
        <Panel title="This installation">
          <Loaded query={version} what="The version" lines={2}>
            {(running) => (
              <dl className="grid gap-2">
                <Line label="Version">{running.version}</Line>
                <Line label="Pages built for">{import.meta.env.PROD ? "production" : "development"}</Line>
                <Line label="Tenant">{me.tenant}</Line>
                <Line label="You">
                  {me.name}, {me.role}
                </Line>
                <Line label="State">
                  <Link to="/status" search={{}} className="link">
                    Status and delivery
                  </Link>
                </Line>
              </dl>
            )}
          </Loaded>
        </Panel>
        <Panel title="For programs">
          <ul className="grid gap-2">
            <Doc href="/api/docs" name="API documentation">
              every call, to read and to try
            </Doc>
            <Doc href="/api/docs/openapi.json" name="OpenAPI as JSON">
              for code generators
            </Doc>
            <Doc href="/api/docs/openapi.yaml" name="OpenAPI as YAML">
              the same, easier to read
            </Doc>
          </ul>
        </Panel>
        <Panel title="Keys">
          <p>
            Press <kbd className="rounded border border-control px-1.5 font-mono text-xs">?</kbd> on any page to see all keys, and <kbd className="rounded border border-control px-1.5 font-mono text-xs">Ctrl K</kbd> to search or do something. They rest while you type, and can be turned off in the{" "}
            <Link to="/settings" className="link">
              settings
            </Link>
            .
          </p>
        </Panel>
        <Panel title="Licence">
          <p>
            NightOwl is free software under the Apache License, version 2.0: you may use, change and pass it on under its terms, without warranty. The{" "}
            <a href="https://www.apache.org/licenses/LICENSE-2.0" target="_blank" rel="noopener noreferrer" className="link">
              text of the licence
            </a>{" "}
            also comes with the source. The fonts are Inter and JetBrains Mono, under the SIL Open Font License 1.1; the icons are Lucide, under the ISC licence.
          </p>
        </Panel>
      </div>
    </Page>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[9rem_minmax(0,1fr)] gap-2">
      <dt className="text-muted">{label}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}

function Doc({ href, name, children }: { href: string; name: string; children: ReactNode }) {
  return (
    <li>
      <a href={href} target="_blank" rel="noopener" className="link">
        {name}
      </a>
      <span className="text-muted">: {children}</span>
    </li>
  );
}

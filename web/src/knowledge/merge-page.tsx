import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { may, useMe } from "@/session/me";
import { Page } from "@/ui/page";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { TextField } from "@/ui/field";
import { SeverityMark } from "@/ui/severity";

import { MergeForm } from "./merge-form";
import { incidentQuery, searchQuery, similarQuery, type Incident } from "./queries";
import { Usefulness } from "./usefulness";

export default function MergePage() {
  const { incidentId } = useParams({ from: "/shell/incidents/$incidentId/merge" });
  const { with: other } = useSearch({ from: "/shell/incidents/$incidentId/merge" });
  const isMerger = may(useMe(), "manager");
  const target = useQuery(incidentQuery(incidentId));
  const source = useQuery({ ...incidentQuery(other ?? ""), enabled: other !== undefined });
  return (
    <Page title="Merge entries" lead="Two entries about one problem become one. The other stays under its old address and leads here.">
      {!isMerger ? (
        <Empty title="Not for your role">Merging entries needs the role manager.</Empty>
      ) : (
        <Loaded query={target} what="The entry" lines={6}>
          {(first) =>
            other === undefined ? (
              <Choose target={first.body} />
            ) : (
              <Loaded query={source} what="The other entry" lines={6}>
                {(second) =>
                  first.body.status !== "active" || second.body.status === "merged" || first.body.id === second.body.id ? (
                    <Empty title="These two cannot be merged">The one that stays must be active, and the other not merged yet.</Empty>
                  ) : (
                    <MergeForm key={`${first.body.id} ${second.body.id}`} target={first} source={second} />
                  )
                }
              </Loaded>
            )
          }
        </Loaded>
      )}
    </Page>
  );
}

/** First the other entry: the similar ones, or any by search. */
function Choose({ target }: { target: Incident }) {
  const [q, setQ] = useState("");
  const navigate = useNavigate({ from: "/incidents/$incidentId/merge" });
  const similar = useQuery(similarQuery(target.id));
  const search = useQuery(searchQuery(q.trim()));
  const choose = (id: string) => void navigate({ search: { with: id } });
  return (
    <Panel title="Which entry is to become part of it?" className="max-w-3xl">
      <p className="mb-3 wrap-anywhere">
        <span className="text-muted">It: </span>
        <Link to="/incidents/$incidentId" params={{ incidentId: target.id }} className="link">
          {target.title}
        </Link>
      </p>
      <TextField label="Search" type="search" value={q} onChange={(event) => setQ(event.target.value)} hint="Below are similar entries until you search." className="mb-3" />
      {q.trim() ? (
        <Loaded query={search} what="The search">
          {(page) => <Others incidents={page.items.map((hit) => hit.incident)} target={target} onChoose={choose} />}
        </Loaded>
      ) : (
        <Loaded query={similar} what="Similar entries">
          {(page) => <Others incidents={page.items.map((hit) => hit.incident)} target={target} onChoose={choose} />}
        </Loaded>
      )}
    </Panel>
  );
}

function Others({ incidents, target, onChoose }: { incidents: readonly Incident[]; target: Incident; onChoose: (id: string) => void }) {
  const others = incidents.filter((incident) => incident.id !== target.id && incident.status !== "merged");
  if (others.length === 0) return <Empty title="No other entry found">Search for words of its title.</Empty>;
  return (
    <ul className="grid gap-1">
      {others.map((incident) => (
        <li key={incident.id}>
          <button type="button" onClick={() => onChoose(incident.id)} className="target flex w-full items-center gap-3 rounded-md border px-3 py-2 text-left hover:bg-raised">
            <SeverityMark severity={incident.severity} />
            <span className="min-w-0 flex-1">
              <span className="block font-medium wrap-anywhere">{incident.title}</span>
              <span className="block text-xs">
                <Usefulness incident={incident} />
              </span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

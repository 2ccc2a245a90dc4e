/** Where each field of the alert came from in what the sender wrote, and by which rule. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { explanationQuery } from "@/alerts/queries";
import type { Schema } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Empty, Loaded } from "@/ui/panel";

type Provenance = Schema["FieldProvenance"];

const NAMES: Readonly<Record<string, string>> = { generator_url: "Link to its source", starts_at: "Began", agent: "Agent's report" };

export function Mapping({ alertId }: { alertId: string }) {
  const explanation = useQuery(explanationQuery(alertId));
  return (
    <Loaded query={explanation} what="The mapping" lines={8}>
      {({ fields, key }) => (
        <div className="grid gap-3">
          <Key sent={key ?? null} />
          {fields.length === 0 ? (
            <Empty title="Where its fields came from cannot be told">NightOwl opened it by itself, or the sender's text is past its time or longer than 64 KiB.</Empty>
          ) : (
            <ul className="grid">
              {fields.map((from) => (
                <Field key={from.field} from={from} />
              ))}
            </ul>
          )}
        </div>
      )}
    </Loaded>
  );
}

function Key({ sent }: { sent: Schema["SendingKey"] | null }) {
  const mayManage = may(useMe(), "admin");
  if (!sent) return <p className="text-muted">With which API key it came is not known.</p>;
  return (
    <p>
      It came with the API key {mayManage ? <Link to="/admin/keys" className="link">“{sent.name}”</Link> : `“${sent.name}”`}
      {sent.is_revoked && ", which is revoked by now"}.
      {Object.keys(sent.mapping).length > 0 && " Its mapping is shown as it is today."}
    </p>
  );
}

function Field({ from }: { from: Provenance }) {
  return (
    <li className="grid gap-1 border-b py-3 first:pt-0 last:border-b-0 sm:grid-cols-[9rem_minmax(0,1fr)]">
      <h3 className="font-medium">{NAMES[from.field] ?? `${from.field[0]!.toUpperCase()}${from.field.slice(1)}`}</h3>
      <div className="grid min-w-0 gap-1">
        {from.places.length > 0 && (
          <p className="flex flex-wrap gap-x-2 gap-y-1">
            {from.places.map((place) => (
              <code key={place} className="rounded border bg-sunken px-1.5 font-mono text-xs leading-5 wrap-anywhere">
                {place}
              </code>
            ))}
          </p>
        )}
        <p className="wrap-anywhere">
          {from.rule}
          {from.call === "latest" && <span className="text-muted"> (of the newest call)</span>}
        </p>
        {from.found != null && (
          <p className="text-xs text-muted wrap-anywhere">
            It says <code className="font-mono whitespace-pre-wrap">{from.found}</code>
          </p>
        )}
      </div>
    </li>
  );
}

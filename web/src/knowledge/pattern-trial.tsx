import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { client, read, type Schema } from "@/api/client";
import { Button } from "@/ui/button";
import { FormError, TextArea } from "@/ui/field";

import { Marked } from "./marked";
import { payloadOf } from "./payload";

/** Tries patterns, and all that are stored, against a pasted payload. Nothing is saved. */
export function PatternTrial({ patterns }: { patterns: readonly string[] }) {
  const [text, setText] = useState("");
  const trial = useMutation({
    mutationFn: () => read(client.POST("/api/v1/incidents/patterns/test", { body: { payload: payloadOf(text), patterns: [...patterns] } })),
  });
  return (
    <div className="grid gap-3">
      <TextArea label="Payload to try" rows={5} value={text} onChange={(event) => setText(event.target.value)} spellCheck={false} placeholder='{"title": "Disk full on db-1"}' hint="Paste JSON or any text, as an alert would bring it." />
      <div>
        <Button onClick={() => trial.mutate()} isBusy={trial.isPending} disabled={text.trim() === ""}>
          See what matches
        </Button>
      </div>
      <FormError error={trial.error} />
      {trial.data && <Report report={trial.data} />}
    </div>
  );
}

function Report({ report }: { report: Schema["PatternReport"] }) {
  const spans = report.results.flatMap((result) => result.spans);
  return (
    <div role="status" className="grid gap-4 rounded-md border p-3">
      <div className="grid gap-1">
        <p className="text-muted">What was looked at</p>
        <pre tabIndex={0} className="max-h-60 overflow-auto rounded bg-sunken p-2 font-mono text-xs whitespace-pre-wrap wrap-anywhere">
          <Marked text={report.text} spans={spans} />
        </pre>
      </div>
      {report.results.length > 0 && (
        <ul className="grid gap-1">
          {report.results.map((result) => (
            <li key={result.pattern} className="flex flex-wrap gap-x-3">
              <code className="font-mono text-xs wrap-anywhere">{result.pattern}</code>
              {result.error ? (
                <span className="text-danger">is no pattern: {result.error}</span>
              ) : result.spans.length > 0 ? (
                <span className="text-ok">matches {result.spans.length === 1 ? "once" : `${result.spans.length} times`}</span>
              ) : (
                <span className="text-muted">does not match</span>
              )}
            </li>
          ))}
        </ul>
      )}
      <div className="grid gap-1">
        <p className="text-muted">{report.incidents.length > 0 ? "Entries that it would find by their stored patterns" : "No stored pattern matches: an alert like this finds no entry by its patterns."}</p>
        <ul className="grid gap-1">
          {report.incidents.map((match) => (
            <li key={match.incident_id} className="wrap-anywhere">
              <Link to="/incidents/$incidentId" params={{ incidentId: match.incident_id }} className="link">
                {match.title}
              </Link>{" "}
              by <code className="font-mono text-xs">{match.pattern}</code>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { Schema } from "@/api/client";
import { Loaded, Panel } from "@/ui/panel";
import { Pill } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";

import { ledgerQuery } from "./queries";

const RULES: Record<Schema["Finding"]["rule"], string> = { 1: "A message without an end", 2: "An alert or timer that nothing watches", 3: "A page that nothing watches" };
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/u;

/** Must be empty: that is the proof that nothing was lost. */
export function Ledger() {
  const ledger = useQuery(ledgerQuery);
  return (
    <Panel title="Unaccounted alerts">
      <Loaded query={ledger} what="The ledger">
        {({ findings, checked }) => (
          <div className="grid gap-3">
            {findings.length === 0 ? (
              <p>
                <strong className="font-semibold text-ok">None.</strong> Everything that was accepted in the last 72 h has become an alert, was rejected with a reason, or is on its way, and each open alert and page has a timer.
              </p>
            ) : (
              <>
                <p role="alert" className="text-danger">
                  {findings.length === 1 ? "One thing" : `${findings.length} things`} accepted in the last 72 h {findings.length === 1 ? "is" : "are"} not accounted for. What is named here may never page anybody: look at it by hand, and tell whoever runs this installation.
                </p>
                <Table caption="Findings of the ledger">
                  <thead>
                    <tr>
                      <Th>What</Th>
                      <Th>About</Th>
                      <Th>Detail</Th>
                    </tr>
                  </thead>
                  <tbody>
                    {findings.map((finding) => (
                      <tr key={`${finding.rule} ${finding.subject}`}>
                        <Td>
                          <Pill className="border-danger text-danger">{RULES[finding.rule]}</Pill>
                        </Td>
                        <Td>
                          <Subject subject={finding.subject} />
                        </Td>
                        <Td className="wrap-anywhere">{finding.detail}</Td>
                      </tr>
                    ))}
                  </tbody>
                </Table>
              </>
            )}
            <p className="text-xs text-muted">
              Looked at: {checked.messages.toLocaleString("en-GB")} received messages, {checked.alerts.toLocaleString("en-GB")} open alerts, {checked.deliveries.toLocaleString("en-GB")} pages on their way.
            </p>
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Subject({ subject }: { subject: string }) {
  const id = subject.startsWith("alert") ? ID.exec(subject)?.[0] : undefined;
  const text = <code className="font-mono text-xs wrap-anywhere">{subject}</code>;
  return id ? (
    <Link to="/alerts/$alertId" params={{ alertId: id }} className="link">
      {text}
    </Link>
  ) : (
    text
  );
}

/** The lists of routes, grouping rules, windows and inhibition rules. Silences have their own file. */
import { useQuery } from "@tanstack/react-query";

import { client, read } from "@/api/client";
import { Moment } from "@/time/time";
import { zoneName } from "@/time/words";
import { Pill } from "@/ui/severity";

import { GROUPING_FORM, INHIBITION_FORM, ROUTE_FORM, WINDOW_FORM } from "./forms";
import { GROUPING, INHIBITION, ROUTES, WINDOWS } from "./kinds";
import { RowActions, RuleList } from "./list";
import { Muting } from "./muting";
import { Ordered } from "./ordered";
import { namesQuery } from "./queries";
import { Conditions, Row } from "./row";
import { groupingWords, routeWords, windowWords } from "./words";

interface TabProps {
  onNew: () => void;
  onEdit: (id: string) => void;
}

export function RoutesTab({ onNew, onEdit }: TabProps) {
  const names = useQuery(namesQuery).data;
  return (
    <RuleList
      kind={ROUTES}
      needs="manager"
      onNew={onNew}
      lead="A route says where alerts that fit belong: their service, their policy, the Slack channel, and from which severity on they page. They are read from the top; the first that fits decides."
      exampleWords="Without one, an alert belongs to the service that its label names, escalates by that service's policy or the tenant's, and pages when it is major or critical. A route might send all of a namespace to another team."
      example={
        <Row title="Payments" actions={null}>
          <Fits matchers={[{ name: "namespace", op: "=~", value: "pay-.*" }]} />
          <Does verb="Decides" words={["policy Payments", "pages from warning"]} />
        </Row>
      }
    >
      {(rules, mayWrite) => (
        <Ordered kind={ROUTES} rules={rules} mayWrite={mayWrite} reorder={(ids) => read(client.POST("/api/v1/routes/reorder", { body: { ids } }))}>
          {(rule, grip) => (
            <Row grip={grip} title={rule.name} isOff={!rule.is_enabled} actions={<RowActions kind={ROUTES} rule={rule} contentOf={(each) => ROUTE_FORM.contentOf(ROUTE_FORM.valuesOf(each), each)} mayWrite={mayWrite} onEdit={onEdit} />}>
              <Fits matchers={rule.matchers} />
              <Does verb="Decides" words={routeWords(rule, names)} />
            </Row>
          )}
        </Ordered>
      )}
    </RuleList>
  );
}

export function GroupingTab({ onNew, onEdit }: TabProps) {
  return (
    <RuleList
      kind={GROUPING}
      needs="manager"
      onNew={onNew}
      lead="A grouping rule puts alerts that belong together into one group, so that one of them pages for all. They are read from the top; the first that fits decides."
      exampleWords="When a rack dies, one page tells of it instead of forty."
      example={
        <Row title="By cluster" actions={null}>
          <Fits matchers={[{ name: "team", op: "=", value: "platform" }]} />
          <Does verb="Makes" words={groupingWords({ group_by: ["cluster", "namespace"], threshold: 1, window_minutes: 30, pages: "first" })} />
        </Row>
      }
    >
      {(rules, mayWrite) => (
        <Ordered kind={GROUPING} rules={rules} mayWrite={mayWrite} reorder={(ids) => read(client.POST("/api/v1/grouping-rules/reorder", { body: { ids } }))}>
          {(rule, grip) => (
            <Row grip={grip} title={rule.name} isOff={!rule.is_enabled} actions={<RowActions kind={GROUPING} rule={rule} contentOf={(each) => GROUPING_FORM.contentOf(GROUPING_FORM.valuesOf(each), each)} mayWrite={mayWrite} onEdit={onEdit} />}>
              <Fits matchers={rule.matchers} />
              <Does verb="Makes" words={groupingWords(rule)} />
            </Row>
          )}
        </Ordered>
      )}
    </RuleList>
  );
}

export function WindowsTab({ onNew, onEdit }: TabProps) {
  return (
    <RuleList
      kind={WINDOWS}
      needs="manager"
      onNew={onNew}
      lead="While a maintenance window is open, alerts that fit page nobody: once or again and again, by the wall clock of a zone. What still fires when it closes pages then."
      exampleWords="Every Sunday night a backup makes a cluster slow, and nobody wants to be woken for it."
      example={
        <Row title="Sunday backup" actions={null}>
          <Fits matchers={[{ name: "cluster", op: "=", value: "prod-1" }]} />
          <Does verb="Open" words={[windowWords({ starts_at: "2026-03-01T02:00:00", duration_minutes: 90, rrule: "FREQ=WEEKLY;BYDAY=SU", timezone: "Europe/Berlin" })]} />
        </Row>
      }
    >
      {(rules, mayWrite) => (
        <ul className="grid gap-2">
          {rules.map((rule) => (
            <li key={rule.id}>
              <Row
                title={rule.name}
                isOff={!rule.is_enabled}
                pills={rule.is_open && <Pill className="border-warning text-warning">open now</Pill>}
                actions={<RowActions kind={WINDOWS} rule={rule} contentOf={(each) => WINDOW_FORM.contentOf(WINDOW_FORM.valuesOf(each), each)} mayWrite={mayWrite} onEdit={onEdit} />}
              >
                <Fits matchers={rule.matchers} />
                <Does verb="Open" words={[windowWords(rule), `made by ${rule.created_by.name}`]} />
                {rule.is_open && (
                  <p className="flex flex-wrap gap-x-4">
                    <Muting rule={rule} />
                  </p>
                )}
                <Next rule={rule} />
              </Row>
            </li>
          ))}
        </ul>
      )}
    </RuleList>
  );
}

function Next({ rule }: { rule: { next_occurrences?: ReadonlyArray<{ starts_at: string; ends_at: string }>; timezone: string; is_enabled: boolean } }) {
  const next = rule.next_occurrences ?? [];
  if (next.length === 0) return <p className="text-muted">It does not come again.</p>;
  return (
    <p className="flex flex-wrap gap-x-3 text-muted">
      {rule.is_enabled ? "Next:" : "Would come next:"}
      {next.slice(0, 3).map((each) => (
        <span key={each.starts_at} className="text-text">
          <Moment at={each.starts_at} zone={rule.timezone} /> {zoneName(each.starts_at, rule.timezone)}
        </span>
      ))}
    </p>
  );
}

export function InhibitionTab({ onNew, onEdit }: TabProps) {
  return (
    <RuleList
      kind={INHIBITION}
      needs="manager"
      onNew={onNew}
      lead="While an alert that is the cause is open, alerts that follow from it page nobody. When it is over, what still fires is judged again."
      exampleWords="A node that is down makes everything on it fail; one page is enough."
      example={
        <Row title="A node that is down" actions={null}>
          <Mutes source={[{ name: "alertname", op: "=", value: "NodeDown" }]} target={[{ name: "@severity", op: "=~", value: "warning|major" }]} equal={["node"]} />
        </Row>
      }
    >
      {(rules, mayWrite) => (
        <ul className="grid gap-2">
          {rules.map((rule) => (
            <li key={rule.id}>
              <Row title={rule.name} isOff={!rule.is_enabled} actions={<RowActions kind={INHIBITION} rule={rule} contentOf={(each) => INHIBITION_FORM.contentOf(INHIBITION_FORM.valuesOf(each), each)} mayWrite={mayWrite} onEdit={onEdit} />}>
                <Mutes source={rule.source_matchers} target={rule.target_matchers} equal={rule.equal} />
              </Row>
            </li>
          ))}
        </ul>
      )}
    </RuleList>
  );
}

type Matchers = Parameters<typeof Conditions>[0]["matchers"];

function Fits({ matchers }: { matchers: Matchers }) {
  return (
    <p className="text-muted">
      Fits <Conditions matchers={matchers} />
    </p>
  );
}

function Does({ verb, words }: { verb: string; words: string[] }) {
  return (
    <p className="wrap-anywhere">
      <span className="text-muted">{verb}</span> {words.join(" · ")}
    </p>
  );
}

function Mutes({ source, target, equal }: { source: Matchers; target: Matchers; equal: readonly string[] }) {
  return (
    <p className="text-muted">
      <Conditions matchers={source} /> mutes <Conditions matchers={target} />
      {equal.length > 0 && ` with the same ${equal.join(", ")}`}
    </p>
  );
}

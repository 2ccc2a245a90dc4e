import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { serverNow } from "@/time/clock";
import { Ago } from "@/time/time";
import { span } from "@/time/words";
import { SelectField } from "@/ui/field";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Pill } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";

import { channelName, LATE_MS, percent, type ProviderSummary } from "./page-counts";
import { PAGED_ALERTS, pagesQuery, summaryQuery, type PagedDelivery } from "./queries";
import { DAYS } from "./tab-names";

/** What providers took and refused, and one by one the pages of urgent alerts where something is the matter. */
export default function Pages() {
  const { days = 1 } = useSearch({ from: "/shell/status" });
  const navigate = useNavigate({ from: "/status" });
  return (
    <div className="grid gap-4">
      <SelectField label="Pages of the last" value={days} onChange={(event) => void navigate({ search: (search) => ({ ...search, days: Number(event.target.value) }), replace: true })} className="max-w-48">
        {DAYS.map((each) => (
          <option key={each} value={each}>
            {each === 1 ? "24 hours" : `${each} days`}
          </option>
        ))}
      </SelectField>
      <Summary days={days} />
      <LateOrFailed />
    </div>
  );
}

function Summary({ days }: { days: number }) {
  const summary = useQuery(summaryQuery(days));
  return (
    <Panel title="By channel and provider">
      <Loaded query={summary} what="The pages" lines={6} isEmpty={({ items }) => items.length === 0} empty={<Empty title="No pages in this time">When an alert pages somebody, what became of each page is counted here.</Empty>}>
        {({ items, is_exact }) => (
          <>
            <Providers items={items} />
            {!is_exact && <p className="pt-3 text-warning">There were more than 100,000 pages: only the newest are counted.</p>}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

const HEADS = ["Channel", "Provider", "Waiting", "Late", "Sent", "Arrived", "Failed", "Not needed", "Tried again", "Provider took", "Half sent within", "19 of 20"];

function Providers({ items }: { items: readonly ProviderSummary[] }) {
  return (
    <Table caption="Pages by channel, provider and state">
      <thead>
        <tr>
          {HEADS.map((head, index) => (
            <Th key={head} className={index > 1 ? "text-right" : ""}>
              {head}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((each) => (
          <tr key={`${each.channel} ${each.provider}`}>
            <Td className="whitespace-nowrap">{channelName(each.channel)}</Td>
            <Td className="text-muted">{each.provider ?? "not asked"}</Td>
            <Count value={each.waiting} />
            <Count value={each.late} className="text-warning" />
            <Count value={each.sent} />
            <Count value={each.delivered} />
            <Count value={each.failed} className="text-danger" />
            <Count value={each.superseded} />
            <Count value={each.retried} className="text-warning" />
            <Td className="text-right whitespace-nowrap tabular-nums">{each.tries === 0 ? <span className="text-muted">–</span> : `${percent(each.taken, each.tries)} % of ${each.tries.toLocaleString("en-GB")}`}</Td>
            <Seconds value={each.p50_seconds} />
            <Seconds value={each.p95_seconds} />
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Count({ value, className = "" }: { value: number; className?: string }) {
  return <Td className={`text-right tabular-nums ${value === 0 ? "text-muted" : className}`}>{value.toLocaleString("en-GB")}</Td>;
}

function Seconds({ value }: { value: number | null }) {
  const words = value === null ? "–" : value < 10 ? `${value.toFixed(1)} s` : span(value * 1_000);
  return <Td className={`text-right whitespace-nowrap tabular-nums ${value === null ? "text-muted" : ""}`}>{words}</Td>;
}

function LateOrFailed() {
  const pages = useQuery(pagesQuery);
  return (
    <Panel title="Late or failed">
      <Loaded query={pages} what="The pages of urgent alerts" lines={4}>
        {({ deliveries, alerts }) => {
          const now = serverNow();
          const troubled = deliveries.filter((each) => each.status === "failed" || isLate(each, now));
          return (
            <>
              {troubled.length === 0 ? <p className="text-muted">None of them.</p> : <Troubled deliveries={troubled.toSorted((a, b) => b.created_at.localeCompare(a.created_at)).slice(0, 50)} />}
              <p className="pt-3 text-xs text-muted">
                Of the {deliveries.length} pages of the {alerts === PAGED_ALERTS ? `${PAGED_ALERTS} most urgent alerts` : `${alerts} alerts`}. The page of an alert shows each of its own.
              </p>
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function isLate({ status, not_before }: PagedDelivery, now: number): boolean {
  return (status === "queued" || status === "sending") && now - Date.parse(not_before) > LATE_MS;
}

function Troubled({ deliveries }: { deliveries: readonly PagedDelivery[] }) {
  return (
    <Table caption="Pages that are late or failed">
      <thead>
        <tr>
          <Th>When</Th>
          <Th>Alert</Th>
          <Th>To</Th>
          <Th>Channel</Th>
          <Th>State</Th>
          <Th>Why</Th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((each) => (
          <tr key={each.id}>
            <Td>
              <Ago at={each.created_at} />
            </Td>
            <Td>
              <Link to="/alerts/$alertId" params={{ alertId: each.alert.id }} className="link wrap-anywhere">
                {each.alert.title}
              </Link>
            </Td>
            <Td className="wrap-anywhere">{each.recipient_name ?? each.recipient}</Td>
            <Td className="whitespace-nowrap">{channelName(each.channel)}</Td>
            <Td>
              <Pill className={each.status === "failed" ? "border-danger text-danger" : "border-warning text-warning"}>{each.status === "failed" ? "failed" : `${each.status}, late`}</Pill>
            </Td>
            <Td className="wrap-anywhere">{each.reason ?? each.attempts.at(-1)?.reason ?? each.attempts.at(-1)?.detail ?? "–"}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

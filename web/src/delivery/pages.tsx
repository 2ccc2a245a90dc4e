import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { serverNow } from "@/time/clock";
import { Ago } from "@/time/time";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { Pill } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";

import { CHANNEL_NAMES, countPages, LATE_MS, type ChannelCounts } from "./page-counts";
import { PAGED_ALERTS, pagesQuery, type PagedDelivery } from "./queries";

/** Pages of the most urgent alerts, by channel and one by one where something is the matter. */
export default function Pages() {
  const pages = useQuery(pagesQuery);
  return (
    <Loaded query={pages} what="The pages" lines={6} isEmpty={({ deliveries }) => deliveries.length === 0} empty={<Empty title="No pages yet">When an alert pages somebody, what became of each page is counted here.</Empty>}>
      {({ deliveries, alerts }) => {
        const now = serverNow();
        const troubled = deliveries.filter((each) => each.status === "failed" || isLate(each, now));
        return (
          <div className="grid gap-4">
            <Panel title="By channel">
              <Channels counts={countPages(deliveries, now)} />
              <p className="pt-3 text-xs text-muted">
                {deliveries.length} pages of the {alerts === PAGED_ALERTS ? `${PAGED_ALERTS} most urgent alerts` : `${alerts} alerts`}. The page of an alert shows each of its own.
              </p>
            </Panel>
            <Panel title="Late or failed">
              {troubled.length === 0 ? <p className="text-muted">None of them.</p> : <Troubled deliveries={troubled.toSorted((a, b) => b.created_at.localeCompare(a.created_at)).slice(0, 50)} />}
            </Panel>
          </div>
        );
      }}
    </Loaded>
  );
}

function isLate({ status, not_before }: PagedDelivery, now: number): boolean {
  return (status === "queued" || status === "sending") && now - Date.parse(not_before) > LATE_MS;
}

function Channels({ counts }: { counts: readonly ChannelCounts[] }) {
  return (
    <Table caption="Pages by channel and state">
      <thead>
        <tr>
          {["Channel", "Provider", "Waiting", "Late", "Sent", "Arrived", "Failed", "Not needed", "Provider took"].map((head, index) => (
            <Th key={head} className={index > 1 ? "text-right" : ""}>
              {head}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {counts.map((each) => (
          <tr key={each.channel}>
            <Td className="whitespace-nowrap">{each.name}</Td>
            <Td className="text-muted">{each.providers.join(", ") || "–"}</Td>
            <Count value={each.waiting} />
            <Count value={each.late} className="text-warning" />
            <Count value={each.sent} />
            <Count value={each.delivered} />
            <Count value={each.failed} className="text-danger" />
            <Count value={each.superseded} />
            <Td className="text-right whitespace-nowrap tabular-nums">{each.tries === 0 ? <span className="text-muted">–</span> : `${Math.round((100 * each.taken) / each.tries)} % of ${each.tries}`}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Count({ value, className = "" }: { value: number; className?: string }) {
  return <Td className={`text-right tabular-nums ${value === 0 ? "text-muted" : className}`}>{value}</Td>;
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
            <Td className="whitespace-nowrap">{CHANNEL_NAMES[each.channel] ?? each.channel}</Td>
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

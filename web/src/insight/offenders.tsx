/** What comes back again and again. */
import { Link } from "@tanstack/react-router";

import { Table, Td, Th } from "@/ui/table";

import { number, percent } from "./parts";
import { openedIn, type Insight, type Range } from "./queries";

export function RepeatOffenders({ offenders, range }: { offenders: Insight["repeat_offenders"]; range: Range }) {
  if (offenders.length === 0) return <p className="text-muted">No problem came more than once.</p>;
  return (
    <Table caption="Problems that come back">
      <thead>
        <tr>
          <Th>Problem</Th>
          <Th>Service</Th>
          <Th className="text-right">Alerts</Th>
          <Th className="text-right">Firings</Th>
          <Th className="text-right">Pages</Th>
          <Th className="text-right">Resolved</Th>
        </tr>
      </thead>
      <tbody>
        {offenders.map(({ fingerprint, title, service, count, occurrences, pages, resolved_share }) => (
          <tr key={fingerprint}>
            <Td className="min-w-40">
              <Link to="/alerts" search={{ fingerprint, ...openedIn(range) }} className="link font-mono wrap-anywhere">
                {title}
              </Link>
            </Td>
            <Td className="wrap-anywhere">{service?.name ?? "–"}</Td>
            <Td className="text-right tabular-nums">{number(count)}</Td>
            <Td className="text-right tabular-nums">{number(occurrences)}</Td>
            <Td className="text-right tabular-nums">{number(pages)}</Td>
            <Td className="text-right whitespace-nowrap tabular-nums">{percent(resolved_share)}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** Whether pages went out in time. */
import { span } from "@/time/words";
import { Table, Td, Th } from "@/ui/table";

import { number, percent } from "./parts";
import type { Insight } from "./queries";

const late = (seconds: number) => (seconds < 10 ? `${number(Math.round(seconds * 1_000))} ms` : span(seconds * 1_000));

export function Lateness({ tiers }: { tiers: Insight["lateness"] }) {
  if (tiers.length === 0) return <p className="text-muted">No tier was due in these days.</p>;
  return (
    <Table caption="How late tiers were paged">
      <thead>
        <tr>
          <Th>Tier</Th>
          <Th className="text-right">Paged</Th>
          <Th className="text-right">Half within</Th>
          <Th className="text-right">99 of 100</Th>
          <Th className="text-right">Within 1 s</Th>
        </tr>
      </thead>
      <tbody>
        {tiers.map(({ tier, count, p50_seconds, p99_seconds, within_second_share }) => (
          <tr key={tier}>
            <Td>{tier + 1}</Td>
            <Td className="text-right tabular-nums">{number(count)}</Td>
            <Td className="text-right whitespace-nowrap tabular-nums">{late(p50_seconds)}</Td>
            <Td className="text-right whitespace-nowrap tabular-nums">{late(p99_seconds)}</Td>
            <Td className="text-right whitespace-nowrap tabular-nums">{percent(within_second_share)}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

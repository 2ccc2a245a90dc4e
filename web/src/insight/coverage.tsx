/** For how many alerts the knowledge base had an answer, and which titles still have none. */
import { Link } from "@tanstack/react-router";

import { Ago } from "@/time/time";
import { Table, Td, Th } from "@/ui/table";

import { stacksOf } from "./chart";
import { dayInWords, number, percent, Plot, PLOT } from "./parts";
import { openedIn, type Insight, type Range } from "./queries";

type Day = Insight["knowledge_coverage"][number];

export function CoverageChart({ days }: { days: readonly Day[] }) {
  const [alerts, matched] = [days.reduce((all, day) => all + day.alerts, 0), days.reduce((all, day) => all + day.matched, 0)];
  if (alerts === 0) return <p className="text-muted">No alert came in these days.</p>;
  const bars = stacksOf(days.map((day) => [day.share ?? 0]), 1, PLOT);
  return (
    <Plot label={`An answer was known for ${number(matched)} of ${number(alerts)} alerts, ${percent(matched / alerts)}.`} top="100 %" days={days.map(({ day }) => day)} legend={<p>Known for {number(matched)} of {number(alerts)} alerts: {percent(matched / alerts)}</p>}>
      {days.map((day, index) => (
        <g key={day.day}>
          <title>{`${dayInWords(day.day)}: ${day.matched} of ${day.alerts}`}</title>
          <rect {...bars[index]![0]!} fill="var(--accent)" />
        </g>
      ))}
    </Plot>
  );
}

export function CoverageTable({ days }: { days: readonly Day[] }) {
  return (
    <Table caption="Alerts a day for which an answer was known">
      <thead>
        <tr>
          <Th>Day</Th>
          <Th className="text-right">Alerts</Th>
          <Th className="text-right">Known</Th>
          <Th className="text-right">Share</Th>
        </tr>
      </thead>
      <tbody>
        {days.map((day) => (
          <tr key={day.day}>
            <Td className="whitespace-nowrap">{dayInWords(day.day)}</Td>
            <Td className="text-right tabular-nums">{number(day.alerts)}</Td>
            <Td className="text-right tabular-nums">
              <Link to="/alerts" search={{ knowledge: true, ...openedIn({ from: day.day, to: day.day }) }} className="link">
                {number(day.matched)}
              </Link>
            </Td>
            <Td className="text-right tabular-nums">{day.share === null ? "–" : percent(day.share)}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

export function UnmatchedTitles({ titles, range }: { titles: Insight["unmatched_titles"]; range: Range }) {
  if (titles.length === 0) return <p className="text-muted">An answer was known for every alert.</p>;
  return (
    <Table caption="Titles for which no answer is known">
      <thead>
        <tr>
          <Th>Title</Th>
          <Th className="text-right">Alerts</Th>
          <Th className="text-right">Last fired</Th>
        </tr>
      </thead>
      <tbody>
        {titles.map(({ title, count, last_fired_at }) => (
          <tr key={title}>
            <Td className="min-w-40">
              <Link to="/alerts" search={{ q: title, knowledge: false, ...openedIn(range) }} className="link font-mono wrap-anywhere">
                {title}
              </Link>
            </Td>
            <Td className="text-right tabular-nums">{number(count)}</Td>
            <Td className="text-right">
              <Ago at={last_fired_at} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

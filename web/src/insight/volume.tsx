import { Link } from "@tanstack/react-router";

import { SEVERITIES, SeverityMark, type Severity } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";

import { niceTop, stacksOf } from "./chart";
import { dayInWords, number, Plot, PLOT } from "./parts";
import { openedIn, type Insight, type Range } from "./queries";

type Day = Insight["volume"][number];

const FILLS: Record<Severity, string> = { critical: "var(--critical)", major: "var(--major)", warning: "var(--warning)", info: "var(--info)" };

export function VolumeChart({ days, range }: { days: readonly Day[]; range: Range }) {
  const top = niceTop(Math.max(...days.map((day) => day.total)));
  const stacks = stacksOf(days.map((day) => SEVERITIES.map((severity) => day[severity])), top, PLOT);
  const sum = (severity: Severity) => days.reduce((all, day) => all + day[severity], 0);
  return (
    <Plot
      label={`Alerts a day by severity: ${SEVERITIES.map((severity) => `${number(sum(severity))} ${severity}`).join(", ")} in ${days.length} days.`}
      top={`${number(top)} a day`}
      days={days.map(({ day }) => day)}
      legend={
        <ul className="flex flex-wrap gap-x-4 gap-y-1">
          {SEVERITIES.map((severity) => (
            <li key={severity}>
              <Link to="/alerts" search={{ severity, ...openedIn(range) }} className="target inline-flex items-center gap-2 hover:underline">
                <SeverityMark severity={severity} isNamed size={16} />
                <span className="tabular-nums">{number(sum(severity))}</span>
              </Link>
            </li>
          ))}
        </ul>
      }
    >
      {days.map((day, index) => (
        <g key={day.day}>
          <title>{`${dayInWords(day.day)}: ${SEVERITIES.map((severity) => `${day[severity]} ${severity}`).join(", ")}`}</title>
          {stacks[index]!.map((rect, part) => (
            <rect key={part} {...rect} fill={FILLS[SEVERITIES[part]!]} />
          ))}
        </g>
      ))}
    </Plot>
  );
}

export function VolumeTable({ days }: { days: readonly Day[] }) {
  return (
    <Table caption="Alerts a day by severity">
      <thead>
        <tr>
          <Th>Day</Th>
          {SEVERITIES.map((severity) => (
            <Th key={severity} className="text-right">
              {severity}
            </Th>
          ))}
          <Th className="text-right">All</Th>
        </tr>
      </thead>
      <tbody>
        {days.map((day) => (
          <tr key={day.day}>
            <Td>
              <Link to="/alerts" search={openedIn({ from: day.day, to: day.day })} className="link whitespace-nowrap">
                {dayInWords(day.day)}
              </Link>
            </Td>
            {SEVERITIES.map((severity) => (
              <Td key={severity} className="text-right tabular-nums">
                {number(day[severity])}
              </Td>
            ))}
            <Td className="text-right tabular-nums">{number(day.total)}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

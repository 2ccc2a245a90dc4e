/** How long people took: the middle and the slow end, by day and by severity. */
import { span } from "@/time/words";
import { SEVERITIES, SeverityMark } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";

import { niceTop, pathOf } from "./chart";
import { dayInWords, number, Plot, PLOT } from "./parts";
import type { Insight } from "./queries";

type Time = Insight["mtta"][number];

const inWords = (seconds: number) => (seconds < 10 ? `${seconds.toLocaleString("en-GB", { maximumFractionDigits: 1 })} s` : span(seconds * 1_000));

/** `done`: "acknowledged". */
export function ResponseChart({ times, days, done }: { times: readonly Time[]; days: readonly string[]; done: string }) {
  if (times.length === 0) return <p className="text-muted">No alert of these days was {done}.</p>;
  const byDay = new Map(times.filter((time) => time.day !== null && time.severity === null).map((time) => [time.day, time]));
  const [medians, slow] = [days.map((day) => byDay.get(day)?.median_seconds ?? null), days.map((day) => byDay.get(day)?.p90_seconds ?? null)];
  const top = niceTop(Math.max(1, ...slow.map((seconds) => seconds ?? 0)));
  const line = { fill: "none", strokeLinecap: "round", strokeLinejoin: "round", vectorEffect: "non-scaling-stroke" } as const;
  return (
    <div className="grid gap-3">
      <Plot
        label={`By day, the time within which half and nine of ten alerts were ${done}. The table below tells it by severity.`}
        top={inWords(top)}
        days={days}
        legend={
          <ul className="flex flex-wrap gap-x-4 gap-y-1">
            <Legend dash={undefined} name="half of the alerts" />
            <Legend dash="2 5" name="nine of ten" />
          </ul>
        }
      >
        <path d={pathOf(slow, top, PLOT)} {...line} stroke="var(--muted)" strokeWidth="2" strokeDasharray="2 5" />
        <path d={pathOf(medians, top, PLOT)} {...line} stroke="var(--accent)" strokeWidth="3" />
      </Plot>
      <BySeverity times={times} done={done} />
    </div>
  );
}

function Legend({ dash, name }: { dash: string | undefined; name: string }) {
  return (
    <li className="inline-flex items-center gap-2">
      <svg width="24" height="8" aria-hidden>
        <line x1="1" x2="23" y1="4" y2="4" stroke={dash ? "var(--muted)" : "var(--accent)"} strokeWidth="3" strokeDasharray={dash} strokeLinecap="round" />
      </svg>
      {name}
    </li>
  );
}

function BySeverity({ times, done }: { times: readonly Time[]; done: string }) {
  const rows = [...SEVERITIES, null].flatMap((severity) => times.find((time) => time.day === null && time.severity === severity) ?? []);
  return <TimeTable caption={`By severity and overall: how soon alerts were ${done}`} head="Severity" rows={rows} nameOf={(time) => (time.severity ? <SeverityMark severity={time.severity} isNamed size={16} /> : <strong>All together</strong>)} />;
}

export function ResponseTable({ times, done }: { times: readonly Time[]; done: string }) {
  const days = times.filter((time) => time.day !== null && time.severity === null);
  if (days.length === 0) return <p className="text-muted">No alert of these days was {done}.</p>;
  return (
    <div className="grid gap-3">
      <TimeTable caption={`By day: how soon alerts were ${done}`} head="Day" rows={days} nameOf={(time) => dayInWords(time.day!)} />
      <BySeverity times={times} done={done} />
    </div>
  );
}

function TimeTable({ caption, head, rows, nameOf }: { caption: string; head: string; rows: readonly Time[]; nameOf: (time: Time) => React.ReactNode }) {
  return (
    <Table caption={caption}>
      <thead>
        <tr>
          <Th>{head}</Th>
          <Th className="text-right">Alerts</Th>
          <Th className="text-right">Half within</Th>
          <Th className="text-right">Nine of ten</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((time) => (
          <tr key={`${time.day} ${time.severity}`}>
            <Td className="whitespace-nowrap">{nameOf(time)}</Td>
            <Td className="text-right tabular-nums">{number(time.count)}</Td>
            <Td className="text-right whitespace-nowrap tabular-nums">{inWords(time.median_seconds)}</Td>
            <Td className="text-right whitespace-nowrap tabular-nums">{inWords(time.p90_seconds)}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

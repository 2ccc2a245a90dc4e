/** What a change would do, as the server reckons it: before and after, who gains hours, and what it would break. */
import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";

import { Loaded } from "@/ui/panel";
import { Person } from "@/ui/person";
import { Table, Td, Th } from "@/ui/table";

import { spanOf, type Axis } from "./axis";
import { previewQuery, type Preview, type PreviewOrder } from "./queries";
import { Strip } from "./strip";
import { hours, many, reasonWords, spanWords } from "./words";

const TYPING_MS = 350;

/** The newest value that has stood for a moment. */
function useSettled<T>(value: T, key: string): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
    // `key` stands for `value`, which is made anew on every render.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  return settled;
}

export function PreviewOf({ rosterId, order, zone }: { rosterId: string; order: PreviewOrder; zone: string }) {
  const settled = useSettled(order, JSON.stringify(order));
  const query = useQuery(previewQuery(rosterId, settled));
  return (
    <section aria-label="What would change" className="grid gap-3 border-t pt-4">
      <h3 className="font-semibold">What would change</h3>
      <Loaded query={query} what="The preview">
        {(preview) => <PreviewView preview={preview} axis={spanOf(settled)} zone={zone} />}
      </Loaded>
    </section>
  );
}

export function PreviewView({ preview, axis, zone }: { preview: Preview; axis: Axis; zone: string }) {
  return (
    <div className="grid min-w-0 gap-4">
      <div className="grid gap-1">
        <Strip label="Before" axis={axis} shifts={preview.before.shifts} holes={preview.before.uncovered} zone={zone} />
        <Strip label="After" axis={axis} shifts={preview.after.shifts} holes={preview.after.uncovered} zone={zone} />
      </div>
      <Warnings preview={preview} zone={zone} />
      <Loads preview={preview} />
    </div>
  );
}

function Warnings({ preview: { before, after }, zone }: { preview: Preview; zone: string }) {
  const told = new Set([...before.uncovered.map(key), ...before.short_rests.map(key), ...before.long_runs.map(key), ...before.leave_clashes.map(key)]);
  const isNew = (each: { starts_at: string; ends_at: string }) => !told.has(key(each));
  const lines: Array<{ at: string; isNew: boolean; words: ReactNode }> = [
    ...after.uncovered.map((each) => ({ at: each.starts_at, isNew: isNew(each), words: `Nobody on call ${spanWords(each.starts_at, each.ends_at, zone)}: ${reasonWords(each.reason)}` })),
    ...after.short_rests.map((each) => ({ at: each.starts_at, isNew: isNew(each), words: `${each.user.display_name} rests only ${hours(each.hours)}, ${spanWords(each.starts_at, each.ends_at, zone)}` })),
    ...after.long_runs.map((each) => ({ at: each.starts_at, isNew: isNew(each), words: `${each.user.display_name} has ${many(Math.round(each.weeks * 10) / 10, "week")} in a row, ${spanWords(each.starts_at, each.ends_at, zone)}` })),
    ...after.leave_clashes.map((each) => ({
      at: each.starts_at,
      isNew: isNew(each),
      words: each.kind === "on_call" ? `${each.user.display_name} is on call while away, ${spanWords(each.starts_at, each.ends_at, zone)}` : `${each.user.display_name} is away in their turn, ${spanWords(each.starts_at, each.ends_at, zone)}${each.covered_by ? `; ${each.covered_by.display_name} stands in` : ""}`,
    })),
  ];
  if (lines.length === 0) return <p className="text-ok">No gaps, no rest under 11 h, no clash with leave, not too many weeks in a row.</p>;
  const shown = lines.toSorted((a, b) => Number(b.isNew) - Number(a.isNew) || a.at.localeCompare(b.at));
  return (
    <ul className="grid max-h-52 gap-1 overflow-y-auto" aria-label="What to look at" tabIndex={0}>
      {shown.map((line, index) => (
        <li key={index} className="flex items-start gap-2">
          <TriangleAlert size={16} aria-hidden className={line.isNew ? "mt-0.5 shrink-0 text-warning" : "mt-0.5 shrink-0 text-muted"} />
          <span className={line.isNew ? "" : "text-muted"}>
            <span className="font-medium">{line.isNew ? "New: " : "As before: "}</span>
            {line.words}
          </span>
        </li>
      ))}
    </ul>
  );
}

function key(each: { starts_at: string; ends_at: string }): string {
  return JSON.stringify(each);
}

function Loads({ preview }: { preview: Preview }) {
  const people = new Map([...preview.before.loads, ...preview.after.loads].map((load) => [load.user.id, load.user]));
  const loadOf = (loads: Preview["before"]["loads"], id: string) => loads.find((load) => load.user.id === id);
  return (
    <Table caption="Hours of each person, before and after">
      <thead>
        <tr>
          <Th>Person</Th>
          <Th className="text-right">Hours</Th>
          <Th className="text-right">Change</Th>
          <Th className="text-right">Nights</Th>
          <Th className="text-right">Weekends</Th>
        </tr>
      </thead>
      <tbody>
        {[...people.values()].map((user) => {
          const [before, after] = [loadOf(preview.before.loads, user.id), loadOf(preview.after.loads, user.id)];
          const change = (after?.hours ?? 0) - (before?.hours ?? 0);
          return (
            <tr key={user.id}>
              <Td>
                <Person id={user.id} name={user.display_name} />
              </Td>
              <Td className="text-right tabular-nums">{hours(after?.hours ?? 0)}</Td>
              <Td className={`text-right tabular-nums ${change ? "font-medium" : "text-muted"}`}>{change ? `${change > 0 ? "+" : "−"}${hours(Math.abs(change))}` : "same"}</Td>
              <Td className="text-right tabular-nums">{fromTo(before?.nights, after?.nights)}</Td>
              <Td className="text-right tabular-nums">{fromTo(before?.weekends, after?.weekends)}</Td>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}

function fromTo(before = 0, after = 0): string {
  return before === after ? String(after) : `${before} → ${after}`;
}

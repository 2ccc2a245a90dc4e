/** One alert in the list: a line where there is room, two lines beside a pane, a card on a phone. */
import { clsx } from "clsx";
import { BookOpen, Check } from "lucide-react";
import { memo, type MouseEvent, type ReactNode } from "react";

import { useTicking } from "@/time/clock";
import { Age, Countdown } from "@/time/time";
import { SeverityMark, StatusPill } from "@/ui/severity";

import type { Alert } from "./queries";
import { firstLine, holderOf, rungOf, spokenOf } from "./words";

/** Columns of the one-line form. The heading row has them too. */
export const COLUMNS = "@4xl:grid-cols-[2rem_1.5rem_minmax(0,1fr)_6rem_2.5rem_4.25rem_6rem_7.5rem_1.25rem_6.5rem]";

interface RowProps {
  alert: Alert;
  index: number;
  isCursor: boolean;
  isSelected: boolean;
  /** The newest answer lacks it. It stays until the order is taken over. */
  isGone: boolean;
  canSelect: boolean;
  onToggle: (id: string, isRange: boolean) => void;
  /** Of the title; presses that ask the browser for a new tab are its own. */
  onPress: (id: string, isByKey: boolean) => void;
}

export const ListRow = memo(function ListRow({ alert, index, isCursor, isSelected, isGone, canSelect, onToggle, onPress }: RowProps) {
  const holder = holderOf(alert);
  const summary = firstLine(alert);
  const press = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onPress(alert.id, event.detail === 0);
  };
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={clsx(
        "relative grid grid-cols-[2rem_1.5rem_minmax(0,1fr)_auto] items-center gap-x-2 px-2 max-md:items-start",
        COLUMNS,
        "content-center max-md:rounded-lg max-md:border max-md:bg-card max-md:py-2.5 md:h-full md:border-b",
        isCursor ? "md:bg-accent-soft md:shadow-[inset_3px_0_0_var(--accent)]" : isSelected ? "bg-raised" : "hover:bg-raised",
      )}
    >
      <Cell className="row-span-2 self-start @4xl:row-span-1 @4xl:self-center">
        {canSelect && <Tick isOn={isSelected} label={`Select ${alert.title}`} isFocusable={isCursor} onToggle={(isRange) => onToggle(alert.id, isRange)} />}
      </Cell>
      <Cell className="flex">
        <SeverityMark severity={alert.severity} />
      </Cell>
      <Cell className="flex min-w-0 items-baseline gap-x-3 max-md:block">
        {/* No `Link` of the router: each works out its address anew with every step of a scroll. */}
        <a
          href={`/alerts/${alert.id}`}
          tabIndex={isCursor ? 0 : -1}
          data-alert={alert.id}
          onClick={press}
          title={alert.title}
          className={clsx("line-clamp-2 font-mono text-[0.8125rem] wrap-anywhere -outline-offset-2 after:absolute after:inset-0 md:line-clamp-1 md:max-w-full md:shrink-0", isGone && "text-muted italic")}
        >
          {alert.title}
          <span className="sr-only">, {spokenOf(alert)}</span>
        </a>
        {summary && <span className="line-clamp-1 min-w-0 text-xs text-muted wrap-anywhere">{summary}</span>}
      </Cell>
      <Cell className="justify-self-end @4xl:order-last @4xl:justify-self-start">
        <StatusPill status={alert.status} />
        {isGone && <span className="sr-only">, no longer at this place</span>}
      </Cell>
      <div role="none" className="col-span-2 col-start-3 flex min-w-0 items-center gap-x-3 text-xs whitespace-nowrap text-muted max-md:flex-wrap @4xl:contents">
        <Cell className="min-w-0 truncate" nothing={!alert.service && "no service"}>
          {alert.service?.name}
        </Cell>
        <Cell className="tabular-nums" isMinor={alert.occurrence_count === 1}>
          <span title={`Fired ${alert.occurrence_count} times`}>×{alert.occurrence_count}</span>
        </Cell>
        <Cell>
          <Age since={alert.first_fired_at} />
        </Cell>
        <Cell className="min-w-0 truncate" nothing={!holder && "nobody has it"}>
          <span title={`With ${holder?.name}`}>{holder?.name}</span>
        </Cell>
        <Rung alert={alert} />
        <Cell nothing={!alert.matched_incident && "not known"}>
          <BookOpen size={14} className="text-accent" role="img" aria-label={`Known: ${alert.matched_incident?.title}`} />
        </Cell>
      </div>
    </div>
  );
});

/** By itself, since a snooze's rest is said in words that change. */
function Rung({ alert }: { alert: Alert }) {
  const text = useTicking((now) => rungOf(alert, now)?.text ?? null);
  const due = rungOf(alert, 0)?.due;
  return (
    <Cell className="min-w-0 truncate" nothing={text === null && "no tier is next"}>
      {text} {due && <Countdown to={due} />}
    </Cell>
  );
}

interface CellProps {
  className?: string;
  /** What is said where there is nothing: a dash for those who see the columns, these words for those who hear them. */
  nothing?: string | false;
  /** It keeps its column, and takes no room where there are no columns. */
  isMinor?: boolean;
  children?: ReactNode;
}

function Cell({ className, nothing, isMinor = false, children }: CellProps) {
  return (
    <div role="cell" className={clsx(className, (nothing || isMinor) && "@max-4xl:sr-only", nothing && "before:opacity-60 before:content-['–'/'']")}>
      {nothing ? <span className="sr-only">{nothing}</span> : children}
    </div>
  );
}

interface TickProps {
  /** `mixed`: some of what it stands for. */
  isOn: boolean | "mixed";
  label: string;
  isFocusable?: boolean;
  onToggle: (isRange: boolean) => void;
}

/** A box that is ticked. A button, so that the page's keys live while it has the focus. */
export function Tick({ isOn, label, isFocusable = true, onToggle }: TickProps) {
  return (
    <button
      type="button"
      role="checkbox"
      aria-checked={isOn}
      aria-label={label}
      tabIndex={isFocusable ? 0 : -1}
      onClick={(event) => onToggle(event.shiftKey)}
      className="relative z-10 grid size-7 place-items-center rounded pointer-coarse:-m-1.5 pointer-coarse:size-11"
    >
      <span className={clsx("grid size-4 place-items-center rounded border", isOn ? "border-accent bg-accent text-bg" : "border-control bg-bg")}>
        {isOn === true && <Check size={12} strokeWidth={3} aria-hidden />}
        {isOn === "mixed" && <span className="h-0.5 w-2 bg-current" />}
      </span>
    </button>
  );
}

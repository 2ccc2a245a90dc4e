/** What a silence or a window keeps from paging now, with the way to exactly these alerts. */
import { Link } from "@tanstack/react-router";

interface MutingProps {
  rule: { id: string; muting: number };
  /** How many open alerts fit, where that was counted: some are in somebody's hands, or not due yet. */
  matching?: number | null;
  isExact?: boolean;
}

export function Muting({ rule, matching, isExact = true }: MutingProps) {
  return (
    <>
      {rule.muting === 0 ? (
        <span className="text-muted">Hides no alert now</span>
      ) : (
        <Link to="/alerts" search={{ muted_by: rule.id }} className="link">
          Hides {alerts(rule.muting)} now
        </Link>
      )}
      {matching != null && matching !== rule.muting && <span className="text-muted">{fitsWords(matching, isExact)}</span>}
    </>
  );
}

export function fitsWords(matching: number, isExact: boolean): string {
  return `Fits ${isExact ? "" : "at least "}${matching} open ${matching === 1 ? "alert" : "alerts"}`;
}

function alerts(count: number): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? "alert" : "alerts"}`;
}

import { SendAlert } from "@/alerts/send-alert";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/panel";

/** There are no alerts at all, or none under this filter: two different things. */
export function ListEmpty({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (isFiltered)
    return (
      <div className="rounded-lg border bg-card">
        <Empty title="No alert fits these filters" action={<Button onClick={onClear}>Clear all filters</Button>}>
          Take a filter away, or look at all alerts.
        </Empty>
      </div>
    );
  return (
    <div className="rounded-lg border bg-card">
      <Empty title="No alerts yet" drawing={<Drawing />}>
        <p className="mb-3">Whatever can post JSON can send one. Put an API key in place of $KEY and try:</p>
        <SendAlert />
      </Empty>
    </div>
  );
}

/** Three rows as they will be. */
function Drawing() {
  const rows = [
    ["text-critical", "M7 2h10l5 5v10l-5 5H7l-5-5V7z", 150],
    ["text-major", "M12 2l10.5 19h-21z", 110],
    ["text-warning", "M12 1l11 11-11 11L1 12z", 130],
  ] as const;
  return (
    <svg width="280" height="108" viewBox="0 0 280 108" fill="none">
      {rows.map(([color, path, width], row) => (
        <g key={color} transform={`translate(0 ${row * 36})`}>
          <rect x="0.5" y="0.5" width="279" height="30" rx="6" stroke="var(--line)" fill="var(--raised)" />
          <g className={color} transform="translate(10 7) scale(0.7)">
            <path d={path} stroke="currentColor" strokeWidth="2" />
          </g>
          <rect x="38" y="12" width={width} height="7" rx="3.5" fill="var(--control)" />
          <rect x="222" y="9" width="46" height="13" rx="6.5" stroke="var(--control)" />
        </g>
      ))}
    </svg>
  );
}

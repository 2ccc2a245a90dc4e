/** What the parts of the page look like when they are filled. */
const SHAPE = { width: 240, height: 96, viewBox: "0 0 240 96", fill: "none", stroke: "currentColor", strokeWidth: 1.5, strokeLinecap: "round", className: "text-muted" } as const;

/** Beats that come, and one that does not. */
export function HeartbeatDrawing() {
  return (
    <svg {...SHAPE}>
      <path d="M4 48h30l6-20 10 40 7-20h28l6-20 10 40 7-20h28" className="text-ok" stroke="currentColor" />
      <path d="M136 48h44" strokeDasharray="4 5" />
      <path d="M196 30l20 36h-40z" className="text-warning" stroke="currentColor" strokeLinejoin="round" />
      <path d="M196 43v10M196 59v.5" className="text-warning" stroke="currentColor" />
    </svg>
  );
}

/** One place that posts to another. */
export function PostDrawing() {
  return (
    <svg {...SHAPE}>
      <rect x="6" y="28" width="68" height="40" rx="6" />
      <path d="M18 42h44M18 54h28" />
      <path d="M84 48h64M140 40l9 8-9 8" className="text-accent" stroke="currentColor" />
      <rect x="160" y="18" width="74" height="60" rx="6" />
      <path d="M172 34h50M172 48h36M172 62h44" />
    </svg>
  );
}

/** A payload with the line that could not be read. */
export function RejectedDrawing() {
  return (
    <svg {...SHAPE}>
      <rect x="40" y="6" width="160" height="84" rx="6" />
      <path d="M58 26h70M70 42h54M58 74h40" />
      <path d="M70 58h84" className="text-danger" stroke="currentColor" />
      <path d="M168 52l12 12M180 52l-12 12" className="text-danger" stroke="currentColor" />
    </svg>
  );
}

/** What people and keys look like when they are there. */
const SHAPE = { width: 240, height: 96, viewBox: "0 0 240 96", fill: "none", stroke: "currentColor", strokeWidth: 1.5, strokeLinecap: "round", className: "text-muted" } as const;

/** Three people, and whether a page reaches them. */
export function PeopleDrawing() {
  return (
    <svg {...SHAPE}>
      {[4, 36, 68].map((y, index) => (
        <g key={y}>
          <circle cx="20" cy={y + 8} r="5" />
          <path d={`M10 ${y + 22}c2-8 18-8 20 0M46 ${y + 13}h${[90, 66, 106][index]}`} />
          <path d={index < 2 ? `M206 ${y + 13}l5 5 10-11` : `M208 ${y + 13}h14`} className={index < 2 ? "text-ok" : "text-warning"} stroke="currentColor" />
        </g>
      ))}
    </svg>
  );
}

/** A monitoring system that sends an alert with a key. */
export function KeyDrawing() {
  return (
    <svg {...SHAPE}>
      <rect x="6" y="24" width="66" height="48" rx="6" />
      <path d="M16 58l12-14 10 8 18-18" className="text-ok" stroke="currentColor" />
      <path d="M84 48h64M140 40l9 8-9 8" className="text-accent" stroke="currentColor" />
      <circle cx="110" cy="26" r="6" />
      <path d="M116 26h20M129 26v6M136 26v5" />
      <rect x="160" y="20" width="74" height="56" rx="6" />
      <path d="M180 38l8 8-8 8-8-8zM198 46h24M172 66h46" />
    </svg>
  );
}

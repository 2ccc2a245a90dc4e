/** What rosters and swaps look like when they are filled. */
const SHAPE = { width: 180, height: 56, viewBox: "0 0 180 56", fill: "none", stroke: "currentColor", className: "text-muted" } as const;

/** Weeks of shifts, some of them open. */
export function ShiftsDrawing() {
  return (
    <svg {...SHAPE}>
      {[0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => <rect key={`${row}-${column}`} x={4 + column * 44} y={4 + row * 17} width={40} height={13} rx={3} strokeDasharray={(row + column) % 4 === 3 ? "3 3" : undefined} />))}
    </svg>
  );
}

/** Two shifts that change places. */
export function SwapDrawing() {
  return (
    <svg {...SHAPE} strokeWidth={1.5} strokeLinecap="round">
      <rect x={4} y={18} width={56} height={20} rx={4} />
      <rect x={120} y={18} width={56} height={20} rx={4} strokeDasharray="3 3" />
      <path d="M68 22h40M102 17l6 5-6 5M112 34H72M78 29l-6 5 6 5" className="text-accent" stroke="currentColor" />
      <path d="M14 28h26M130 28h30" />
    </svg>
  );
}

/** What a runbook looks like: steps that are ticked off, and a command. */
export function StepsDrawing() {
  return (
    <svg width="240" height="112" viewBox="0 0 240 112" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" className="text-muted">
      <rect x="1" y="1" width="238" height="110" rx="6" />
      {[18, 42, 88].map((y, index) => (
        <g key={y}>
          <rect x="18" y={y - 6} width="12" height="12" rx="2" />
          {index < 2 && <path d={`M21 ${y}l3 3 5-7`} className="text-ok" stroke="currentColor" />}
          <path d={`M40 ${y}h${[120, 90, 140][index]}`} />
        </g>
      ))}
      <rect x="40" y="54" width="180" height="20" rx="4" strokeDasharray="3 3" />
      <path d="M48 61l4 3-4 3M58 67h60" />
    </svg>
  );
}

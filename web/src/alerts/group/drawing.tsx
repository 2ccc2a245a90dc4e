/** What a group looks like: many alerts, of which one pages. */
export function GroupDrawing() {
  return (
    <svg width="240" height="96" viewBox="0 0 240 96" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" className="text-muted">
      <rect x="1" y="1" width="150" height="94" rx="6" strokeDasharray="4 4" />
      {[12, 40, 68].map((y, index) => (
        <g key={y}>
          <path d={`M20 ${y + 2}l7 7-7 7-7-7z`} className="text-warning" stroke="currentColor" />
          <path d={`M38 ${y + 9}h${[86, 64, 98][index]}`} />
        </g>
      ))}
      <path d="M158 48h34M186 41l7 7-7 7" className="text-accent" stroke="currentColor" />
      <rect x="204" y="26" width="26" height="44" rx="5" />
      <path d="M213 63h8" />
    </svg>
  );
}

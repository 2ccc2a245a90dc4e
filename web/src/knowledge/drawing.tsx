/** What a filled knowledge base looks like: three entries with their marks and lines. */
export function EntriesDrawing() {
  return (
    <svg width="240" height="112" viewBox="0 0 240 112" fill="none" stroke="currentColor" strokeWidth="1.5" className="text-muted">
      {[0, 38, 76].map((y, index) => (
        <g key={y} opacity={1 - index * 0.25}>
          <rect x="1" y={y + 1} width="238" height="32" rx="6" />
          <path d={`M18 ${y + 10}l7 7-7 7-7-7z`} className="text-warning" stroke="currentColor" />
          <path d={`M36 ${y + 13}h${[110, 84, 128][index]}M36 ${y + 22}h${[70, 96, 52][index]}`} strokeLinecap="round" />
          <path d={`M196 ${y + 17}h30`} strokeLinecap="round" className="text-ok" stroke="currentColor" />
        </g>
      ))}
    </svg>
  );
}

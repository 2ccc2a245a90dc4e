/** Ways to be reached: a telephone, a mail, and the mark of what was verified. */
export function AddressesDrawing() {
  return (
    <svg width="240" height="96" viewBox="0 0 240 96" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" className="text-muted">
      {[8, 56].map((y) => (
        <rect key={y} x="6" y={y} width="228" height="34" rx="6" />
      ))}
      <rect x="20" y="14" width="13" height="22" rx="3" />
      <path d="M25 32h3M48 25h86" />
      <rect x="18" y="65" width="20" height="15" rx="2" />
      <path d="M18 67l10 7 10-7M48 73h112" />
      <path d="M204 25l5 5 10-11" className="text-ok" stroke="currentColor" />
      <path d="M206 73h12" className="text-warning" stroke="currentColor" />
    </svg>
  );
}

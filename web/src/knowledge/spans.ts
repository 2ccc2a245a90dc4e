/** Cuts a text at spans, which are counted in Unicode characters as the API counts them. Pure. */

export interface Piece {
  text: string;
  isMarked: boolean;
}

export function cut(text: string, spans: ReadonlyArray<{ start: number; end: number }>): Piece[] {
  const chars = [...text];
  const pieces: Piece[] = [];
  let at = 0;
  const put = (end: number, isMarked: boolean) => {
    if (end > at) pieces.push({ text: chars.slice(at, end).join(""), isMarked });
    at = Math.max(at, end);
  };
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    put(Math.min(start, chars.length), false);
    put(Math.min(end, chars.length), true);
  }
  put(chars.length, false);
  return pieces;
}

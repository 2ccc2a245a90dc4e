/** Spans on one time axis, as parts of its width. Pure. */

export interface Span {
  start: number;
  end: number;
}

export interface Axis extends Span {}

/** Where an instant lies, in per cent of the axis; not clipped. */
export function placeOf(axis: Axis, at: number): number {
  return ((at - axis.start) / (axis.end - axis.start)) * 100;
}

/** The instant at a part (0 to 1) of the axis, in whole milliseconds. */
export function instantAt(axis: Axis, part: number): number {
  return Math.round(axis.start + Math.min(1, Math.max(0, part)) * (axis.end - axis.start));
}

/** What of a span is on the axis; null when nothing is. */
export function clip<S extends Span>(axis: Axis, span: S): S | null {
  const start = Math.max(axis.start, span.start);
  const end = Math.min(axis.end, span.end);
  return start < end ? { ...span, start, end } : null;
}

/** Left edge and width, in per cent. An instant has its place and no width. */
export function boxOf(axis: Axis, span: Span): { left: number; width: number } {
  if (span.start === span.end) return { left: placeOf(axis, span.start), width: 0 };
  const cut = clip(axis, span) ?? { start: axis.start, end: axis.start };
  const left = placeOf(axis, cut.start);
  return { left, width: placeOf(axis, cut.end) - left };
}

export function spanOf(given: { starts_at: string; ends_at: string }): Span {
  return { start: Date.parse(given.starts_at), end: Date.parse(given.ends_at) };
}

export function doTouch(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Spans in as few rows as keep those that touch apart, each with its row. */
export function stack<S extends Span>(spans: readonly S[]): Array<S & { row: number }> {
  const ends: number[] = [];
  return spans
    .toSorted((a, b) => a.start - b.start)
    .map((span) => {
      const free = ends.findIndex((end) => end <= span.start);
      const row = free < 0 ? ends.length : free;
      ends[row] = span.end;
      return { ...span, row };
    });
}

/** Geometry of the charts. Pure. */

export interface Box {
  width: number;
  height: number;
}

export interface Rect extends Box {
  x: number;
  y: number;
}

const GAP_SHARE = 0.2;

/** The next number above that reads well: 1, 2 or 5 times a power of ten. */
export function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= value * (1 - 1e-9))!;
}

/** One column a day, its parts on top of each other, the first at the bottom. */
export function stacksOf(columns: ReadonlyArray<readonly number[]>, top: number, box: Box): Rect[][] {
  const step = box.width / Math.max(1, columns.length);
  return columns.map((parts, index) => {
    let below = 0;
    return parts.map((part) => {
      const height = (part / top) * box.height;
      below += height;
      return { x: index * step + (step * GAP_SHARE) / 2, y: box.height - below, width: step * (1 - GAP_SHARE), height };
    });
  });
}

/** A line through the middles of the columns, as an SVG path. It is broken where a day has no value. */
export function pathOf(values: ReadonlyArray<number | null>, top: number, box: Box): string {
  const step = box.width / Math.max(1, values.length);
  let isOpen = false;
  return values
    .map((value, index) => {
      if (value === null) {
        isOpen = false;
        return "";
      }
      const point = `${round((index + 0.5) * step)} ${round(box.height - (value / top) * box.height)}`;
      // A day between two without a value is a point: a line of no length with round ends.
      const piece = isOpen ? `L${point}` : `M${point}L${point}`;
      isOpen = true;
      return piece;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

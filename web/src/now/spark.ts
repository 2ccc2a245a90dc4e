/** Geometry and words of the bars of the last 24 hours. Pure. */

export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Bars of a box, the oldest at the left. What is not nothing is at least one unit high, so that it can be seen. */
export function barsOf(counts: readonly number[], box: { width: number; height: number; gap: number }): Bar[] {
  const most = Math.max(1, ...counts);
  const step = box.width / counts.length;
  return counts.map((count, index) => {
    const height = count === 0 ? 0 : Math.max(1, (count / most) * box.height);
    return { x: index * step, y: box.height - height, width: step - box.gap, height };
  });
}

/** What the bars show, for who cannot see them: the sum, the worst hour and the last one. */
export function barsInWords(counts: readonly number[]): string {
  const sum = counts.reduce((all, count) => all + count, 0);
  if (sum === 0) return "No alert arrived in the last 24 hours.";
  const most = Math.max(...counts);
  const hoursAgo = counts.length - 1 - counts.lastIndexOf(most);
  const when = hoursAgo === 0 ? "in the last hour" : `${hoursAgo} h ago`;
  return `${sum} ${sum === 1 ? "alert" : "alerts"} in 24 hours; most in one hour: ${most}, ${when}; in the last hour: ${counts.at(-1)}.`;
}

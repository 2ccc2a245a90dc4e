/** Lists that people put into an order. Pure. */

/** The list with one item taken out and put in at another place. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const next = [...items];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/** The place that each item has while the one at `from` hovers over `to`. */
export function placesOf(count: number, from: number, to: number): number[] {
  const places = Array.from({ length: count }, () => 0);
  moved([...places.keys()], from, to).forEach((item, place) => (places[item] = place));
  return places;
}

/** Where the item at `from` would go if it were let go at height `y`; `middles` are those of all items, as they lay. */
export function slotAt(y: number, middles: readonly number[], from: number): number {
  return middles.filter((middle, item) => item !== from && middle < y).length;
}

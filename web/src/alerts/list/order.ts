/**
 * The order that is on the screen, and the newest one that the server said. While somebody points at the list, nothing
 * moves: rows change where they are, further pages are put below, and new rows wait until they are asked for. Pure.
 */

export interface ShownOrder {
  ids: readonly string[];
  /** How many pages of the answer it was made of. Rows of later pages go below it. */
  pages: number;
  /** New rows that have no place yet. */
  waiting: readonly string[];
  /** Whether taking over the newest order would move or remove a row that is shown. */
  isMoved: boolean;
}

export const NOTHING_SHOWN: ShownOrder = { ids: [], pages: 0, waiting: [], isMoved: false };

/** The newest order as it is. */
export function takeOver(pages: ReadonlyArray<readonly string[]>): ShownOrder {
  return { ids: [...new Set(pages.flat())], pages: pages.length, waiting: [], isMoved: false };
}

/**
 * What is shown after the server said `pages`. The same object when nothing changes.
 *
 * A frozen order loses no row and moves none. A row that it lacks waits, unless it stands below everything that is
 * shown: such rows come from further pages, and are added at the end.
 */
export function nextOrder(shown: ShownOrder, pages: ReadonlyArray<readonly string[]>, isFrozen: boolean): ShownOrder {
  const newest = takeOver(pages);
  if (!isFrozen || shown.ids.length === 0) return isSame(shown, newest) ? shown : newest;
  const known = new Set(shown.ids);
  const firstPages = [...new Set(pages.slice(0, shown.pages).flat())];
  const end = firstPages.findLastIndex((id) => known.has(id));
  const below = [...firstPages.slice(end + 1), ...pages.slice(shown.pages).flat()].filter((id) => !known.has(id));
  const waiting = firstPages.slice(0, end + 1).filter((id) => !known.has(id));
  const added = [...new Set(below)].filter((id) => !waiting.includes(id));
  const ids = added.length ? [...shown.ids, ...added] : shown.ids;
  const unmoved = newest.ids.filter((id) => !waiting.includes(id));
  const next = { ids, pages: Math.max(pages.length, shown.pages), waiting, isMoved: !areSame(ids, unmoved) };
  return isSame(shown, next) ? shown : next;
}

function isSame(a: ShownOrder, b: ShownOrder): boolean {
  return a.pages === b.pages && a.isMoved === b.isMoved && areSame(a.ids, b.ids) && areSame(a.waiting, b.waiting);
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((id, place) => id === b[place]));
}

/** Where the cursor is: on its row, or, when that has gone, on the row that took its place; -1 where there is none. */
export function placeOf(ids: readonly string[], cursor: string | null, before: number): number {
  const place = cursor === null ? -1 : ids.indexOf(cursor);
  return place >= 0 ? place : Math.min(Math.max(before, 0), ids.length - 1);
}

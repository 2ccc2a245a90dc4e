/** Which views have something new to be heard. Pure. */

/** The newest alert of a view; null when it has none. */
export interface Newest {
  view: string;
  newest: string | null;
}

/** What was newest before, by view, and now. A view that was not looked at before has nothing new. Ids sort by time. */
export function hasNews(before: ReadonlyMap<string, string>, now: readonly Newest[]): boolean {
  return now.some(({ view, newest }) => {
    const known = before.get(view);
    return known !== undefined && newest !== null && newest > known;
  });
}

/** What is known from here on. A view that was emptied keeps its newest: what comes back is not new. */
export function knownAfter(before: ReadonlyMap<string, string>, now: readonly Newest[]): ReadonlyMap<string, string> {
  return new Map(now.map(({ view, newest }) => [view, [before.get(view) ?? "", newest ?? ""].toSorted().at(-1)!]));
}

/** What somebody typed, put on top of what somebody else saved meanwhile. Pure. */

export interface Rebased<T> {
  values: T;
  /** Fields that both changed, each to something of their own; `values` has what was typed. */
  clashes: ReadonlyArray<keyof T & string>;
}

export function rebase<T extends object>(base: T, mine: T, newest: T): Rebased<T> {
  const names = Object.keys(newest) as Array<keyof T & string>;
  const isMine = (name: keyof T) => !isSame(mine[name], base[name]);
  const clashes = names.filter((name) => isMine(name) && !isSame(newest[name], base[name]) && !isSame(mine[name], newest[name]));
  return { values: Object.fromEntries(names.map((name) => [name, isMine(name) ? mine[name] : newest[name]])) as T, clashes };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

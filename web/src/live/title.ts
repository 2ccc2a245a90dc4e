/** A page's title with how many wait for the reader before it; none for none. Pure. */
export function withCount(title: string, count: number): string {
  const bare = title.replace(/^\(\d+\) /u, "");
  return count > 0 ? `(${count}) ${bare}` : bare;
}

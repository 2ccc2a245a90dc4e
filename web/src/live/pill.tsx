/** Whether the page follows the server, in one word. */
export function LivePill() {
  return null;
}

/** Between instants and what `<input type="datetime-local">` holds, in this browser's zone. */

/** The instant that a field means; null when it is empty or half typed. */
export function instantOf(value: string): string | null {
  if (!/^\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}/u.test(value)) return null;
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** An instant as the field shows it, to the minute. */
export function inputOf(at: number | string): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** "You are primary until …, next: …", in the top strip. */
export function Duty() {
  return null;
}

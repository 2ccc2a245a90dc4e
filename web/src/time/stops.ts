/** Which times the keyboard stops at. */

/** What one stop of the keyboard stands for. */
export const ROW = "li, tr, [role=row]";

/** What does something when it is pressed, and so tells of the times in it. */
export const PRESSED = "a[href], button, summary, label";

const STOPS = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1']):not([data-instant])";

/**
 * Makes a time a stop of its own where no other one tells it: outside of whatever can take the focus, and not in a row
 * that has a stop already. A long list gets no stop more by it.
 */
export function makeStop(time: HTMLElement | null): void {
  if (!time || time.closest(PRESSED)) return;
  if (time.closest(ROW)?.querySelector(STOPS)) return;
  time.tabIndex = 0;
}

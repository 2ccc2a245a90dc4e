/**
 * What is typed after the palette was asked for and before it is there: its code may still be on its way. It is the
 * palette's text, and no key of the page behind: the `a` of "assign" would acknowledge an alert.
 */
let typed: string | null = null;

export function beginTypeAhead(): void {
  if (typed !== null) return;
  typed = "";
  window.addEventListener("keydown", onKey, { capture: true });
}

/** What was typed since; from now on keys are the page's again. */
export function endTypeAhead(): string {
  window.removeEventListener("keydown", onKey, { capture: true });
  const found = typed ?? "";
  typed = null;
  return found;
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typed === null) return;
  if (event.key === "Backspace") typed = typed.slice(0, -1);
  else if (event.key.length === 1) typed += event.key;
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

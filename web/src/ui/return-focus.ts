import { useEffect, useRef } from "react";

/**
 * For the `onCloseAutoFocus` of a dialog that has no trigger of its own, as one that a key opens: Radix would leave the
 * focus nowhere then. It goes back to where it was when the component came, if that is still there.
 */
export function useReturnFocus(isOpen = true): (event: Event) => void {
  const before = useRef<Element | null>(null);
  const wasOpen = useRef(false);
  // While rendering: in an effect the dialog would have the focus already.
  if (isOpen && !wasOpen.current) before.current = document.activeElement;
  useEffect(() => {
    wasOpen.current = isOpen;
  }, [isOpen]);
  return (event) => {
    event.preventDefault();
    if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus();
  };
}

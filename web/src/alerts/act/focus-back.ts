import { useEffect, useState } from "react";

/**
 * Gives the focus back to what had it, once a dialog is gone. The dialog itself cannot: its field takes the focus
 * before it looks who had it.
 */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      setTimeout(() => {
        if (before instanceof HTMLElement && before.isConnected && document.activeElement === document.body) before.focus({ preventScroll: true });
      }, 0);
    },
    [before],
  );
}

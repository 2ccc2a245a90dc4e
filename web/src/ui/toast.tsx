/** Short words at the lower edge. What can be undone offers it for ten seconds. */
import { useSyncExternalStore } from "react";

import { Button } from "./button";

export const UNDO_MS = 10_000;
const PLAIN_MS = 5_000;

interface Toast {
  id: number;
  text: string;
  isError: boolean;
  undo?: (() => void) | undefined;
}

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function dismiss(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

function show(text: string, more: { isError?: boolean; undo?: () => void } = {}): void {
  const toast: Toast = { id: nextId++, text, isError: more.isError ?? false, undo: more.undo };
  set([...toasts.slice(-2), toast]);
  setTimeout(() => dismiss(toast.id), toast.undo || toast.isError ? UNDO_MS : PLAIN_MS);
}

export const toast = {
  done: (text: string, undo?: () => void) => show(text, undo ? { undo } : {}),
  failed: (text: string) => show(text, { isError: true }),
};

/** Undoes what was last done and can be undone; false when nothing can. */
export function undoLast(): boolean {
  const last = toasts.findLast((each) => each.undo);
  if (!last) return false;
  dismiss(last.id);
  last.undo?.();
  return true;
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div aria-live="polite" className="pointer-events-none fixed inset-x-0 bottom-32 z-50 grid justify-items-center gap-2 p-4 md:bottom-0">
      {shown.map((each) => (
        <div
          key={each.id}
          className={`pointer-events-auto flex max-w-full items-center gap-3 rounded-lg border bg-raised px-4 py-2 shadow-xl ${each.isError ? "border-danger text-danger" : "border-control"}`}
        >
          <span className="wrap-anywhere">{each.text}</span>
          {each.undo && (
            <Button
              hint="u"
              onClick={() => {
                dismiss(each.id);
                each.undo?.();
              }}
            >
              Undo
            </Button>
          )}
        </div>
      ))}
    </div>
  );
}

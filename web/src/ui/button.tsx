import { clsx } from "clsx";
import type { ComponentProps, ReactNode } from "react";

import { shownKey } from "./key-map";

/**
 * `ack` is the loudest thing on a page and stands for taking an alert (or the one main action of a form); `neutral`
 * is everything else, `quiet` has no border, `danger` deletes and nothing else.
 */
export type ButtonLook = "ack" | "neutral" | "quiet" | "danger";

const LOOKS: Record<ButtonLook, string> = {
  ack: "bg-ack text-on-ack font-semibold border border-transparent hover:brightness-110",
  neutral: "bg-card text-text border border-control hover:bg-raised",
  quiet: "text-text border border-transparent hover:bg-raised",
  danger: "bg-card text-danger border border-danger hover:bg-raised",
};

const BASE =
  "target inline-flex items-center justify-center gap-2 rounded-md px-3 text-sm select-none disabled:opacity-55 disabled:cursor-not-allowed";

/** For links that look like buttons. */
export function buttonClass(look: ButtonLook = "neutral"): string {
  return clsx(BASE, LOOKS[look]);
}

interface ButtonProps extends ComponentProps<"button"> {
  look?: ButtonLook;
  /** While it works: it says so, and cannot be pressed twice. */
  isBusy?: boolean;
  /** The usual key that does the same; the one to press for it is shown behind the words. */
  hint?: string;
}

export function Button({ look = "neutral", isBusy = false, hint, className, children, disabled, type = "button", ...rest }: ButtonProps) {
  return (
    <button type={type} className={clsx(BASE, LOOKS[look], className)} disabled={disabled || isBusy} aria-busy={isBusy || undefined} {...rest}>
      {children}
      {hint && (
        <kbd aria-hidden className="hidden rounded border border-current px-1 font-mono text-xs opacity-70 md:inline">
          {shownKey(hint)}
        </kbd>
      )}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  /** Read out, and shown on hover. */
  label: string;
  icon: ReactNode;
}

export function IconButton({ label, icon, className, type = "button", ...rest }: IconButtonProps) {
  return (
    <button type={type} aria-label={label} title={label} className={clsx(BASE, LOOKS.quiet, "min-w-9 px-2 pointer-coarse:min-w-11", className)} {...rest}>
      <span aria-hidden>{icon}</span>
    </button>
  );
}

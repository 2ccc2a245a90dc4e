/** Tables are tables. On a phone they scroll inside their own box, which can take the focus; the page never does. */
import { clsx } from "clsx";
import type { ComponentProps, ReactNode } from "react";

export function Table({ caption, children, className }: { caption: string; children: ReactNode; className?: string }) {
  return (
    // A box that scrolls must be reachable by keys (WCAG 2.1.1).
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={caption}>
      <table className={clsx("w-full border-collapse text-left", className)}>
        <caption className="sr-only">{caption}</caption>
        {children}
      </table>
    </div>
  );
}

export function Th({ className, ...rest }: ComponentProps<"th">) {
  return <th scope="col" className={clsx("border-b px-3 py-2 text-xs font-medium whitespace-nowrap text-muted first:pl-0 last:pr-0", className)} {...rest} />;
}

export function Td({ className, ...rest }: ComponentProps<"td">) {
  return <td className={clsx("border-b px-3 py-2 align-top first:pl-0 last:pr-0", className)} {...rest} />;
}

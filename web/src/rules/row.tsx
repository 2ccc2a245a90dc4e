/** One rule in its list. */
import { clsx } from "clsx";
import type { ReactNode } from "react";

import type { Schema } from "@/api/client";
import { Pill } from "@/ui/severity";

import { matcherText } from "./matcher";

interface RowProps {
  /** Where the order counts: the handle, and the place. */
  grip?: ReactNode;
  title: ReactNode;
  pills?: ReactNode;
  isOff?: boolean;
  actions: ReactNode;
  children: ReactNode;
}

export function Row({ grip, title, pills, isOff = false, actions, children }: RowProps) {
  return (
    <div className="flex flex-wrap items-start gap-x-3 gap-y-2 rounded-lg border bg-card px-3 py-2.5">
      {grip}
      <div className="grid min-w-0 flex-1 basis-64 gap-1">
        <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1">
          <h2 className={clsx("text-sm font-medium wrap-anywhere", isOff && "text-muted")}>{title}</h2>
          {pills}
          {isOff && <Pill>turned off</Pill>}
        </div>
        {children}
      </div>
      <div className="flex flex-wrap items-center gap-1">{actions}</div>
    </div>
  );
}

export function Conditions({ matchers, none = "everything" }: { matchers: ReadonlyArray<Schema["Matcher"]>; none?: string }) {
  if (matchers.length === 0) return <span>{none}</span>;
  return (
    <span className="inline-flex flex-wrap gap-1.5 align-middle">
      {matchers.map((matcher, index) => (
        <code key={index} className="rounded border bg-sunken px-1.5 py-0.5 font-mono text-xs wrap-anywhere">
          {matcherText({ name: matcher.name, op: matcher.op ?? "=", value: matcher.value })}
        </code>
      ))}
    </span>
  );
}

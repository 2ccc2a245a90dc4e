import type { ReactNode } from "react";
import { useEffect, useRef } from "react";

interface PageProps {
  title: ReactNode;
  /** The document's title, where it differs from `title`. */
  documentTitle?: string;
  /** One line below the title. */
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page below the shell: sets the document's title, and gives its heading the focus when one comes to it. */
export function Page({ title, documentTitle, lead, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const name = documentTitle ?? (typeof title === "string" ? title : "NightOwl");
  useEffect(() => {
    document.title = name === "NightOwl" ? name : `${name} · NightOwl`;
  }, [name]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <div className="mx-auto grid w-full max-w-[1600px] gap-4 p-4 md:gap-6 md:p-6">
      <header className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 ref={heading} tabIndex={-1} className="wrap-anywhere">
            {title}
          </h1>
          {lead && <p className="text-muted">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** The administration's pages: one heading each, and the way to the others. */
import { Link, useRouterState } from "@tanstack/react-router";
import { clsx } from "clsx";
import type { ReactNode } from "react";

import { Page } from "@/ui/page";

const PLACES = [
  { to: "/admin/users", label: "People" },
  { to: "/admin/keys", label: "API keys" },
  { to: "/admin/config", label: "Configuration" },
  { to: "/admin/sign-in", label: "Sign-in" },
  { to: "/admin/audit", label: "Audit log" },
  { to: "/admin/tenants", label: "Tenants" },
] as const;

export function AdminFrame({ title, lead, actions, children }: { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <Page title={title} lead={lead} actions={actions}>
      <nav aria-label="Administration" className="-mx-4 flex gap-1 overflow-x-auto border-b px-4 md:mx-0 md:px-0">
        {PLACES.map(({ to, label }) => (
          <Link
            key={to}
            to={to}
            aria-current={path === to ? "page" : path.startsWith(`${to}/`) ? "true" : undefined}
            className={clsx("target flex items-center border-b-2 px-3 whitespace-nowrap -outline-offset-2", `${path}/`.startsWith(`${to}/`) ? "border-accent" : "border-transparent text-muted hover:text-text")}
          >
            {label}
          </Link>
        ))}
      </nav>
      {children}
    </Page>
  );
}

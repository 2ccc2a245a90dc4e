import type { ReactNode } from "react";
import { useEffect } from "react";

/** The pages before the shell: one narrow column. */
export function SigninFrame({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · NightOwl`;
  }, [title]);
  return (
    <main className="mx-auto grid min-h-dvh w-full max-w-sm content-center gap-6 p-6">
      <div className="flex items-center gap-3">
        <img src="/favicon.svg" alt="" width={36} height={36} />
        <h1>{title}</h1>
      </div>
      {children}
    </main>
  );
}

/** Puts the pages on the screen. Comes while `first.ts` asks for what they show. */
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { startTransition, StrictMode } from "react";

import { queries } from "@/api/queries";
import { TimeTips } from "@/time/tip";
import { Toasts } from "@/ui/toast";

import { router } from "./router";

// The code of the page that is asked for comes while the server is asked who is here, and not after it.
for (const match of router.matchRoutes(router.latestLocation)) {
  const route = router.routesById[match.routeId as keyof typeof router.routesById];
  const { component } = route.options as { component?: { preload?: () => Promise<unknown> } };
  void component?.preload?.().catch(() => undefined); // told by the router when it comes to it
}

const REST_MS = 5_000;

/** Half of all code. The rest runs while it comes: routes are known and loaded before anything can be drawn. */
const painting = import("./paint");

async function draw(): Promise<void> {
  const root = document.getElementById("root");
  if (!root) throw new Error("index.html has no #root");
  const [{ createRoot }] = await Promise.all([painting, router.load()]);
  // In small steps, between which a press is heard.
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
          <Toasts />
          <TimeTips />
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
}

void draw();

// What a first press may need is there before it, and in nobody's way: a dialog must open where the network has gone.
setTimeout(() => void Promise.all([import("@/ui/dialog-box"), import("@/ui/menu-box")]).catch(() => undefined), REST_MS);

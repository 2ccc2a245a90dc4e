import "@fontsource-variable/inter/index.css";
import "@/style/tokens.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { queries } from "@/api/queries";
import { router } from "@/app/router";
import { Toasts } from "@/ui/toast";

// The code of the page that is asked for comes while the server is asked who is here, and not after it.
for (const match of router.matchRoutes(router.latestLocation)) {
  const route = router.routesById[match.routeId as keyof typeof router.routesById];
  const { component } = route.options as { component?: { preload?: () => Promise<unknown> } };
  void component?.preload?.().catch(() => undefined); // told by the router when it comes to it
}

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
);

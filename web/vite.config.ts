import { fileURLToPath } from "node:url";

import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

// The running system that `npm run dev` shows: everything that is not the front end's own goes there.
const upstream = process.env["NIGHTOWL_URL"] ?? "http://127.0.0.1:8080";

/**
 * Names the code that draws in the page, so that it comes beside the small script that asks for it, and not after it.
 * The libraries run as soon as they are there: together with what stands on them they would keep a phone deaf too long.
 */
function besides(module: string): Plugin {
  return {
    name: "nightowl-besides",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const files = new Set<string>();
        const add = (file: string): void => {
          const chunk = bundle[file];
          if (chunk?.type !== "chunk" || files.has(file)) return;
          files.add(file);
          chunk.imports.forEach(add);
        };
        for (const [file, chunk] of Object.entries(bundle)) if (chunk.type === "chunk" && chunk.facadeModuleId?.endsWith(module)) add(file);
        if (files.size === 0) throw new Error(`${module} is no chunk of its own`);
        const missing = [...files].filter((file) => !html.includes(`/${file}"`));
        return missing.map((file) => {
          const isLibraries = bundle[file]!.name === "frame";
          const tag = isLibraries ? { tag: "script", attrs: { type: "module", async: true, crossorigin: true, src: `/${file}` } } : { tag: "link", attrs: { rel: "modulepreload", crossorigin: true, href: `/${file}` } };
          return { ...tag, injectTo: "head" as const };
        });
      },
    },
  };
}

/** Few files on the way to the first paint, because each waits for a turn on the network; and one that changes with libraries only. */
const groups = [
  { name: "first", tags: ["$initial" as const], priority: 3 },
  { name: "frame", test: /node_modules[\\/](?:react-dom|scheduler|use-sync-external-store|@tanstack[\\/](?!react-table|table|react-virtual|virtual))/u, priority: 2 },
  { name: "kit", test: /src[\\/](?:time|session|ui[\\/](?:button|copy|dialog|field|menu|page|panel|person|return-focus|severity|table|toast))\b(?!-)|lucide-react[\\/].*(?:Icon|context|defaultAttributes|shared)/u, priority: 1 },
  { name: "alert", test: /src[\\/]alerts[\\/]/u, minShareCount: 2 },
];

export default defineConfig({
  plugins: [react(), tailwind(), besides("/src/app/draw.tsx")],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, rolldownOptions: { output: { codeSplitting: { groups } } } },
  server: { proxy: Object.fromEntries(["/api", "/p/", "/outbox"].map((path) => [path, { target: upstream }])) },
});

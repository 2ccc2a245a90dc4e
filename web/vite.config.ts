import { fileURLToPath } from "node:url";

import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

// The running system that `npm run dev` shows: everything that is not the front end's own goes there.
const upstream = process.env["NIGHTOWL_URL"] ?? "http://127.0.0.1:8080";

/** The code of the pages at which a night begins, for `early.js` to ask for: what the first draws waits for. */
const PAGES = { "/": "/src/now/now-page.tsx", "/alerts": "/src/alerts/list/alerts-page.tsx", "/alerts/:id": "/src/alerts/detail/alert-page.tsx" };

/** Libraries run as soon as they are there: together with what stands on them they would keep a phone deaf too long. */
const LIBRARIES = ["frame", "paint"];

/** Names the code that draws in the page, so that it comes beside the small script that asks for it, and not after it. */
function besides(...modules: readonly string[]): Plugin {
  return {
    name: "nightowl-besides",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const filesOf = (...wanted: readonly string[]): Set<string> => {
          const files = new Set<string>();
          const add = (file: string): void => {
            const chunk = bundle[file];
            if (chunk?.type !== "chunk" || files.has(file)) return;
            files.add(file);
            chunk.imports.forEach(add);
          };
          for (const module of wanted) {
            const file = Object.values(bundle).find((chunk) => chunk.type === "chunk" && chunk.moduleIds.some((id) => id.endsWith(module)))?.fileName;
            if (!file) throw new Error(`${module} is in no chunk`);
            add(file);
          }
          return files;
        };
        const isNamed = (file: string): boolean => html.includes(`/${file}"`);
        const files = filesOf(...modules);
        const code = Object.entries(PAGES).map(([page, module]) => [page, [...filesOf(module)].filter((file) => !files.has(file) && !isNamed(file)).map((file) => `/${file}`)]);
        const early = `data-code="${JSON.stringify(Object.fromEntries(code)).replaceAll('"', "&quot;")}"`;
        const tags = [...files].filter((file) => !isNamed(file)).map((file) => {
          const isLibrary = LIBRARIES.includes(bundle[file]!.name ?? "");
          const tag = isLibrary ? { tag: "script", attrs: { type: "module", async: true, crossorigin: true, src: `/${file}` } } : { tag: "link", attrs: { rel: "modulepreload", crossorigin: true, href: `/${file}` } };
          return { ...tag, injectTo: "head" as const };
        });
        return { html: html.replace('src="/early.js"', `$& ${early}`), tags };
      },
    },
  };
}

/**
 * Few files on the way to the first paint, because each waits for a turn on the network, and libraries in files that
 * change with them only. What paints stands alone: all else can run before it has come.
 */
const groups = [
  { name: "first", tags: ["$initial" as const], priority: 4 },
  { name: "frame", test: /node_modules[\\/](?:react-dom[\\/](?:index\.js|cjs[\\/]react-dom\.production\.js)|use-sync-external-store|@tanstack[\\/](?!react-table|table|react-virtual|virtual))/u, priority: 3 },
  { name: "paint", test: /node_modules[\\/](?:react-dom[\\/](?:client\.js|cjs[\\/]react-dom-client\.production\.js)|scheduler)|src[\\/]app[\\/]paint\.ts/u, priority: 2 },
  { name: "kit", test: /src[\\/](?:(?:time|session|ui[\\/](?:button|copy|dialog|field|media|menu|page|panel|person|return-focus|severity|table|toast)|app[\\/]palette-verbs|api[\\/]csv)\b(?!-)|alerts[\\/](?:act[\\/](?!.*dialogs)|detail[\\/]verbs\b|filter[\\/]|queries|search))|lucide-react[\\/]/u, minShareCount: 2, priority: 1 },
  { name: "roster", test: /src[\\/]rosters[\\/](?:drawing|queries|swap-answer|words)\b/u, minShareCount: 2 },
  { name: "alert", test: /src[\\/]alerts[\\/]/u, minShareCount: 2 },
];

export default defineConfig({
  plugins: [react(), tailwind(), besides("/src/app/paint.ts", "/src/app/draw.tsx")],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, rolldownOptions: { output: { codeSplitting: { groups } } } },
  server: { proxy: Object.fromEntries(["/api", "/p/", "/outbox"].map((path) => [path, { target: upstream }])) },
});

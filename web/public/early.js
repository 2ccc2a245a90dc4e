// Runs before the first paint, so that a dark page never flashes white, and who is signed out sees no shell. The settings
// page writes the choice, `session/me-query.ts` whether somebody was signed in.
(() => {
  let choice = "system";
  let isOutside = /^\/(?:login|change-password)\b/.test(location.pathname);
  try {
    choice = localStorage.getItem("nightowl.theme") || "system";
    isOutside ||= localStorage.getItem("nightowl.signed_out") !== null;
  } catch {
    /* storage is closed: the system's theme it is */
  }
  const dark = choice === "dark" || choice === "night" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  const root = document.documentElement;
  root.dataset.theme = dark ? "dark" : "light";
  root.toggleAttribute("data-night", choice === "night");
  root.toggleAttribute("data-outside", isOutside);
  if (isOutside) return;

  // What `app/first.ts` will ask for, and the page's own code, while the scripts come. `api/client.ts` takes the answers.
  const id = /^\/alerts\/([\da-f-]{36})$/.exec(location.pathname)?.[1];
  const page = id ? "/alerts/:id" : location.pathname;
  const questions = {
    "/": ["/now"],
    "/alerts": location.search ? [] : ["/alerts?sort=urgent&limit=100", "/alerts/facets"],
    "/alerts/:id": [`/alerts/${id}`],
  };
  window.early = new Map();
  for (const question of ["/auth/me", ...(questions[page] ?? [])]) {
    const asked = fetch(`/api/v1${question}`).then((answer) => ({ answer, at: Date.now() }));
    asked.catch(() => undefined); // told to whoever takes it
    window.early.set(`/api/v1${question}`, asked);
  }
  const code = JSON.parse(document.currentScript.dataset.code ?? "{}");
  for (const href of code[page] ?? []) document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", crossOrigin: "", href }));
})();

// A browser loads what it knows of zones and languages at the first question, which takes a phone a tenth of a second and
// more. Asked beside the page, it has it when the page asks.
new Worker("/zones.js");

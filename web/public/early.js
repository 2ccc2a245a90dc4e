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
})();

// A browser looks for its time zone at the first question only, and that takes long on a phone. Here nothing waits for it.
setTimeout(() => Intl.DateTimeFormat());

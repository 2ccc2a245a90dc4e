// Runs before the first paint, so that a dark page never flashes white. The settings page writes the choice.
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("nightowl.theme") || "system";
  } catch {
    /* storage is closed: the system's theme it is */
  }
  const dark = choice === "dark" || choice === "night" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  const root = document.documentElement;
  root.dataset.theme = dark ? "dark" : "light";
  root.toggleAttribute("data-night", choice === "night");
})();

// A browser looks for its time zone at the first question only, and that takes long on a phone. Here nothing waits for it.
setTimeout(() => Intl.DateTimeFormat());

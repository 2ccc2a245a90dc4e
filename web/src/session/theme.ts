/** The theme of this browser. `public/early.js` does the same before the first paint. */
export type Theme = "system" | "dark" | "light" | "night";

const CHOICE = "nightowl.theme";

export function chosenTheme(): Theme {
  return (localStorage.getItem(CHOICE) as Theme | null) ?? "system";
}

export function applyTheme(choice: Theme): void {
  localStorage.setItem(CHOICE, choice);
  const isDark = choice === "dark" || choice === "night" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  const root = document.documentElement;
  root.dataset["theme"] = isDark ? "dark" : "light";
  root.toggleAttribute("data-night", choice === "night");
}

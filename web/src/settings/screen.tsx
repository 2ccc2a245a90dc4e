/** How this browser shows things. Kept in this browser: a phone at night and a screen at work want different things. */
import { useState } from "react";

import { areKeysOn, turnKeys } from "@/app/keys";
import { CheckField, SelectField } from "@/ui/field";
import { Panel } from "@/ui/panel";

import { applyTheme, chosenTheme, type Theme } from "./theme";

const THEMES: ReadonlyArray<readonly [Theme, string]> = [
  ["system", "As the system"],
  ["dark", "Dark"],
  ["light", "Light"],
  ["night", "Night: dimmer, and nothing moves"],
];

const DENSITY = "nightowl.density";
const SOUND = "nightowl.sound";

export function Screen() {
  const [theme, setTheme] = useState(chosenTheme);
  const [density, setDensity] = useState(localStorage.getItem(DENSITY) ?? "comfortable");
  const [hasSound, setSound] = useState(localStorage.getItem(SOUND) === "on");
  const [hasKeys, setKeys] = useState(areKeysOn);
  return (
    <Panel title="This browser">
      <div className="grid max-w-md gap-4">
        <SelectField
          label="Theme"
          value={theme}
          onChange={(event) => {
            const chosen = event.target.value as Theme;
            setTheme(chosen);
            applyTheme(chosen);
          }}
        >
          {THEMES.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Rows of lists"
          value={density}
          onChange={(event) => {
            setDensity(event.target.value);
            localStorage.setItem(DENSITY, event.target.value);
          }}
        >
          <option value="comfortable">Comfortable</option>
          <option value="compact">Compact</option>
        </SelectField>
        <CheckField
          label="Single keys"
          hint="Press ? for all of them."
          checked={hasKeys}
          onChange={(event) => {
            setKeys(event.target.checked);
            turnKeys(event.target.checked);
          }}
        />
        <CheckField
          label="A sound when something is paged to you"
          hint="Only while a page of NightOwl is open. It does not replace a page."
          checked={hasSound}
          onChange={(event) => {
            setSound(event.target.checked);
            localStorage.setItem(SOUND, event.target.checked ? "on" : "off");
          }}
        />
      </div>
    </Panel>
  );
}

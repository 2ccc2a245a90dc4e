/** How the screen looks and what it does, for this person in every browser. */
import { useState } from "react";

import { areKeysOn } from "@/app/keys";
import { isSoundOn } from "@/live/sound";
import { chosenDensity, type Density } from "@/session/keep";
import { prefer } from "@/session/preferences";
import { chosenTheme, type Theme } from "@/session/theme";
import { CheckField, SelectField } from "@/ui/field";
import { Panel } from "@/ui/panel";

const THEMES: ReadonlyArray<readonly [Theme, string]> = [
  ["system", "As the system"],
  ["dark", "Dark"],
  ["light", "Light"],
  ["night", "Night: dimmer, and nothing moves"],
];

export function Screen() {
  const [theme, setTheme] = useState(chosenTheme);
  const [density, setDensity] = useState(chosenDensity);
  const [hasSound, setSound] = useState(isSoundOn);
  const [hasKeys, setKeys] = useState(areKeysOn);
  return (
    <Panel title="Screen and keys">
      <div className="grid max-w-md gap-4">
        <SelectField
          label="Theme"
          value={theme}
          onChange={(event) => {
            const chosen = event.target.value as Theme;
            setTheme(chosen);
            void prefer({ theme: chosen });
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
            const chosen = event.target.value as Density;
            setDensity(chosen);
            void prefer({ density: chosen });
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
            void prefer({ has_keys: event.target.checked });
          }}
        />
        <CheckField
          label="A sound when something is paged to you"
          hint="Only while a page of NightOwl is open. It does not replace a page."
          checked={hasSound}
          onChange={(event) => {
            setSound(event.target.checked);
            void prefer({ has_sound: event.target.checked });
          }}
        />
      </div>
    </Panel>
  );
}

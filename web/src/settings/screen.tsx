/** How the screen looks and what it does, for this person in every browser. */
import { useState } from "react";

import { chosenOf, type ChosenKeys } from "@/app/key-actions";
import { areKeysOn } from "@/app/keys";
import { isSoundOn } from "@/live/sound";
import { chosenDensity, chosenZone, type Density } from "@/session/keep";
import { chosenLanding, type Landing } from "@/session/landing";
import { prefer } from "@/session/preferences";
import { chosenTheme, type Theme } from "@/session/theme";
import { useNow } from "@/time/clock";
import { absolute, browserZone } from "@/time/words";
import { CheckField, SelectField } from "@/ui/field";
import { keyMap } from "@/ui/key-map";
import { Panel } from "@/ui/panel";
import { ZoneOptions } from "@/ui/zone-field";

import { KeyFields } from "./key-fields";

const THEMES: ReadonlyArray<readonly [Theme, string]> = [
  ["system", "As the system"],
  ["dark", "Dark"],
  ["light", "Light"],
  ["night", "Night: dimmer, and nothing moves"],
];

const LANDINGS: ReadonlyArray<readonly [Landing, string]> = [
  ["now", "Now"],
  ["alerts", "Alerts"],
  ["knowledge", "Knowledge base"],
  ["on_call", "Rosters"],
];

export function Screen() {
  return (
    <div className="grid gap-4">
      <Looks />
      <KeyChoices />
    </div>
  );
}

function Looks() {
  const [theme, setTheme] = useState(chosenTheme);
  const [density, setDensity] = useState(chosenDensity);
  const [hasSound, setSound] = useState(isSoundOn);
  const [zone, setZone] = useState(chosenZone);
  const [landing, setLanding] = useState(chosenLanding);
  const now = useNow();
  return (
    <Panel title="Screen">
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
        <SelectField
          label="Time zone"
          hint={`Times are shown as ${absolute(now)}. Rosters also show their own.`}
          value={zone ?? ""}
          onChange={(event) => {
            const chosen = event.target.value || null;
            setZone(chosen);
            void prefer({ time_zone: chosen });
          }}
        >
          <option value="">As this browser: {browserZone}</option>
          <ZoneOptions />
        </SelectField>
        <SelectField
          label="First page"
          hint="After signing in, and when NightOwl is opened without another page in mind."
          value={landing}
          onChange={(event) => {
            const chosen = event.target.value as Landing;
            setLanding(chosen);
            void prefer({ landing: chosen });
          }}
        >
          {LANDINGS.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </SelectField>
        <CheckField
          label="Sounds"
          hint="When something is paged to you, and for new alerts of views that have a sound. Only while a page of NightOwl is open. It does not replace a page."
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

function KeyChoices() {
  const [hasKeys, setOn] = useState(areKeysOn);
  const [keys, setKeys] = useState(() => chosenOf(keyMap()));
  const put = (chosen: ChosenKeys) => {
    setKeys(chosen);
    void prefer({ keys: chosen });
  };
  return (
    <Panel title="Single keys">
      <div className="grid gap-4">
        <CheckField
          label="Single keys do things"
          hint="They rest while you type, and in dialogs."
          checked={hasKeys}
          onChange={(event) => {
            setOn(event.target.checked);
            void prefer({ has_keys: event.target.checked });
          }}
        />
        {hasKeys && <KeyFields chosen={keys} onChange={put} />}
      </div>
    </Panel>
  );
}

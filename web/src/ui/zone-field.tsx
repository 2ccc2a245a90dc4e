import type { ComponentProps, ReactNode } from "react";

import { SelectField } from "./field";

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

/** All of them, for a select that offers something besides. */
export function ZoneOptions() {
  return ZONES.map((zone) => <option key={zone}>{zone}</option>);
}

/** A select of all IANA zones; typing jumps to one, as in every select. */
export function ZoneField(props: { label: ReactNode; hint?: ReactNode; error?: string | undefined } & ComponentProps<"select">) {
  return (
    <SelectField {...props}>
      <ZoneOptions />
    </SelectField>
  );
}

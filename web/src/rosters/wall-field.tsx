/** A date and time in a roster's zone, with the viewer's own beside it as it is typed. */
import { localZone, moment, zoneName } from "@/time/words";
import { TextField } from "@/ui/field";

import { fromWall, oddnessOf } from "./zones";

interface WallFieldProps {
  label: string;
  zone: string;
  value: string;
  onChange: (wall: string) => void;
  error?: string | undefined;
  required?: boolean;
}

export function WallField({ label, zone, value, onChange, error, required = true }: WallFieldProps) {
  const at = fromWall(value, zone);
  const odd = oddnessOf(value, zone);
  const words = [
    at !== null && odd === "skipped" && `The clock skips this time; ${moment(at, zone)} is taken.`,
    at !== null && odd === "twice" && "The clock shows this time twice; the first is taken.",
    at !== null && `${moment(at, zone)} ${zoneName(at, zone)}`,
    at !== null && zone !== localZone && `for you ${moment(at)} ${zoneName(at, localZone)}`,
  ].filter(Boolean);
  return <TextField label={`${label} (${zone})`} type="datetime-local" value={value} onChange={(event) => onChange(event.target.value)} hint={words.join(" · ") || `By the clock of ${zone}.`} error={error} required={required} />;
}

/** A person: initials on a hue that stays theirs, with the name. */

/** A hue in degrees, the same for the same id wherever it is drawn. Pure. */
export function hueOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.codePointAt(0)!) >>> 0;
  return (hash * 137) % 360;
}

export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0]!, words.at(-1)!] : words;
  return letters.map((word) => [...word][0]!.toUpperCase()).join("") || "?";
}

export function Initials({ id, name, size = 24 }: { id: string; name: string; size?: number }) {
  return (
    <span
      aria-hidden
      className="inline-grid shrink-0 place-items-center rounded-full text-[0.65rem] font-semibold"
      style={{ width: size, height: size, background: `light-dark(oklch(0.9 0.07 ${hueOf(id)}), oklch(0.35 0.07 ${hueOf(id)}))`, color: `light-dark(oklch(0.3 0.08 ${hueOf(id)}), oklch(0.93 0.05 ${hueOf(id)}))` }}
    >
      {initialsOf(name)}
    </span>
  );
}

export function Person({ id, name }: { id: string; name: string }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-2">
      <Initials id={id} name={name} />
      <span className="wrap-anywhere">{name}</span>
    </span>
  );
}

import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";

/** In the strip of a phone the owl alone: what is live, and who is here, have the room. */
export function Logo({ isShort = false }: { isShort?: boolean }) {
  return (
    <Link to="/" className="target flex shrink-0 items-center gap-2 font-semibold">
      <img src="/favicon.svg" alt="" width={24} height={24} />
      <span className={clsx(isShort && "sr-only")}>NightOwl</span>
    </Link>
  );
}

/** What stands around every page: the way to the others, whose tenant this is, and whether the page is live. */
import { Link, Outlet, useRouter, useRouterState, type ErrorComponentProps } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Menu as MenuIcon } from "lucide-react";
import { lazy, Suspense, useDeferredValue, useEffect, useState } from "react";

import { SwapCount } from "@/now/swap-count";
import { may, useMe } from "@/session/me";
import { Dialog } from "@/ui/dialog";
import { useMedia } from "@/ui/media";
import { Page } from "@/ui/page";
import { Failed } from "@/ui/panel";
import { undoLast } from "@/ui/toast";

import { Duty } from "./duty";
import { useKeys } from "./keys";
import { Logo } from "./logo";
import { GROUPS, placeOf, type Place } from "./nav";
import { useRecentVisits } from "./palette-recent";
import { SavedViews } from "./saved-views";
import { TopStrip } from "./top-strip";
import { beginTypeAhead, endTypeAhead } from "./type-ahead";
import { UnsentNotice } from "./unsent-notice";

const Palette = lazy(() =>
  import("./palette").catch((error: unknown) => {
    endTypeAhead(); // there is nothing to type into
    throw error;
  }),
);
const KeySheet = lazy(() => import("./key-sheet"));

export function Shell() {
  const [open, setOpen] = useState<"palette" | "keys" | "more" | null>(null);
  // The frame is seen at once. The page is drawn behind it in small steps, between which a press is heard.
  const hasPage = useDeferredValue(true, false);
  const isWide = useMedia("(min-width: 48rem)");
  const router = useRouter();
  const search = () => {
    if (open !== "palette") beginTypeAhead();
    setOpen("palette");
  };
  useRecentVisits();
  // A page that has a search of its own binds it to `/` later, and so before this.
  useKeys({ "?": () => setOpen("keys"), "/": search, u: () => void undoLast(), ...jumps((to) => void router.navigate({ to })) });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key === "k") {
        event.preventDefault();
        search();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [open]);
  return (
    <div className="md:grid md:grid-cols-[13rem_minmax(0,1fr)]">
      <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:bg-card focus:p-3">
        Skip to the page
      </a>
      {isWide && <Sidebar />}
      <div className="flex min-h-dvh min-w-0 flex-col pb-16 md:pb-0">
        <TopStrip hasPage={hasPage} onPalette={search} />
        <UnsentNotice />
        <main id="main" tabIndex={-1} className="flex-1 outline-none">
          {hasPage && <Outlet />}
        </main>
      </div>
      {!isWide && <BottomBar onMore={() => setOpen("more")} />}
      <Suspense fallback={null}>
        {open === "palette" && <Palette onClose={() => setOpen(null)} />}
        {open === "keys" && <KeySheet onClose={() => setOpen(null)} />}
      </Suspense>
      <More isOpen={open === "more"} onClose={() => setOpen(null)} />
    </div>
  );
}

function jumps(go: (to: string) => void): Record<string, () => void> {
  const places = GROUPS.flatMap((group) => group.places).filter((place) => place.key);
  return Object.fromEntries(places.map((place) => [`g ${place.key}`, () => go(place.to)]));
}

function useLit(): Place | undefined {
  return placeOf(useRouterState({ select: (state) => state.location.pathname }));
}

function Places({ areViewsShown = false }: { areViewsShown?: boolean }) {
  const me = useMe();
  const lit = useLit();
  return GROUPS.map((group) => {
    const places = group.places.filter((place) => may(me, place.needs ?? "readonly"));
    return (
      <ul key={group.places[0]!.to} className="mt-3 grid gap-0.5">
        {places.map((place, index) => (
          <li key={place.to}>
            <Link
              to={place.to}
              aria-current={lit === place ? "page" : undefined}
              className={clsx(
                "target flex items-center gap-2.5 rounded-md px-2 hover:bg-raised",
                index > 0 && "pl-9",
                lit === place ? "bg-accent-soft font-medium text-accent" : index > 0 && "text-muted",
              )}
            >
              {index === 0 && <group.icon size={17} aria-hidden />}
              {place.label}
              {place.to === "/rosters" && <SwapCount className="ml-auto" />}
            </Link>
            {areViewsShown && place.to === "/alerts" && <SavedViews />}
          </li>
        ))}
      </ul>
    );
  });
}

function Sidebar() {
  return (
    <nav aria-label="Places" className="sticky top-0 hidden h-dvh overflow-y-auto border-r bg-sunken p-3 md:block">
      <div className="px-2 py-1">
        <Logo />
      </div>
      <Places areViewsShown />
    </nav>
  );
}

const THUMB: ReadonlyArray<{ to: string; label: string }> = [
  { to: "/", label: "Now" },
  { to: "/alerts", label: "Alerts" },
  { to: "/rosters", label: "On-call" },
];

function BottomBar({ onMore }: { onMore: () => void }) {
  const lit = useLit();
  return (
    <nav aria-label="Main places" className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-4 border-t bg-sunken pb-[env(safe-area-inset-bottom)] md:hidden">
      {THUMB.map(({ to, label }) => {
        const group = GROUPS.find((each) => each.places.some((place) => place.to === to))!;
        return (
          <Link
            key={to}
            to={to}
            aria-current={lit?.to === to ? "page" : undefined}
            className={clsx("grid h-14 place-items-center content-center gap-0.5 text-xs", lit?.to === to ? "text-accent" : "text-muted")}
          >
            <group.icon size={20} aria-hidden />
            <span className="flex gap-1">
              {label}
              {to === "/rosters" && <SwapCount />}
            </span>
          </Link>
        );
      })}
      <button type="button" onClick={onMore} className="grid h-14 place-items-center content-center gap-0.5 text-xs text-muted">
        <MenuIcon size={20} aria-hidden />
        More
      </button>
    </nav>
  );
}

function More({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="More">
      {/* A place that was chosen closes the sheet; a press beside the links does not. */}
      <div onClickCapture={(event) => event.target instanceof Element && event.target.closest("a") && onClose()}>
        <Duty />
        <Places />
      </div>
    </Dialog>
  );
}

/** A page that threw: its own words, and a way out. */
export function Crashed({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="This page failed">
      <Failed error={error instanceof Error ? error : new Error(String(error))} what="This page" onRetry={reset} />
    </Page>
  );
}

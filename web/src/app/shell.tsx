/** What stands around every page: the way to the others, whose tenant this is, and whether the page is live. */
import { Link, Outlet, useRouter, useRouterState, type ErrorComponentProps } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Menu as MenuIcon, Search } from "lucide-react";
import { lazy, Suspense, useDeferredValue, useEffect, useState } from "react";

import { Attention } from "@/live/attention";
import { LivePill } from "@/live/pill";
import { useLive } from "@/live/use-live";
import { may, signOut, useMe } from "@/session/me";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useMedia } from "@/ui/media";
import { Menu, MenuItem, MenuLabel } from "@/ui/menu";
import { Page } from "@/ui/page";
import { Failed } from "@/ui/panel";

import { Duty } from "./duty";
import { useKeys } from "./keys";
import { GROUPS, placeOf, type Place } from "./nav";
import { useRecentVisits } from "./palette-recent";

const Palette = lazy(() => import("./palette"));
const KeySheet = lazy(() => import("./key-sheet"));

export function Shell() {
  const [open, setOpen] = useState<"palette" | "keys" | "more" | null>(null);
  // The frame is seen at once. The page is drawn behind it in small steps, between which a press is heard.
  const hasPage = useDeferredValue(true, false);
  const isWide = useMedia("(min-width: 48rem)");
  const router = useRouter();
  useRecentVisits();
  useKeys({ "?": () => setOpen("keys"), ...jumps((to) => void router.navigate({ to })) });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key === "k") {
        event.preventDefault();
        setOpen("palette");
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <div className="md:grid md:grid-cols-[13rem_minmax(0,1fr)]">
      <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:bg-card focus:p-3">
        Skip to the page
      </a>
      {isWide && <Sidebar />}
      <div className="flex min-h-dvh min-w-0 flex-col pb-16 md:pb-0">
        <TopStrip hasPage={hasPage} onPalette={() => setOpen("palette")} />
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

function Follow() {
  useLive();
  return null;
}

function jumps(go: (to: string) => void): Record<string, () => void> {
  const places = GROUPS.flatMap((group) => group.places).filter((place) => place.key);
  return Object.fromEntries(places.map((place) => [`g ${place.key}`, () => go(place.to)]));
}

function useLit(): Place | undefined {
  return placeOf(useRouterState({ select: (state) => state.location.pathname }));
}

/** In the strip of a phone the owl alone: what is live, and who is here, have the room. */
function Logo({ isShort = false }: { isShort?: boolean }) {
  return (
    <Link to="/" className="target flex shrink-0 items-center gap-2 font-semibold">
      <img src="/favicon.svg" alt="" width={24} height={24} />
      <span className={clsx(isShort && "sr-only")}>NightOwl</span>
    </Link>
  );
}

function Places() {
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
            </Link>
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
      <Places />
    </nav>
  );
}

/** What asks for itself begins to with the page, which has asked before. */
function TopStrip({ hasPage, onPalette }: { hasPage: boolean; onPalette: () => void }) {
  return (
    <div className="sticky top-0 z-20 flex min-h-12 items-center gap-x-3 border-b bg-bg px-4 py-1 md:px-6">
      <div className="md:hidden">
        <Logo isShort />
      </div>
      <LivePill />
      {hasPage && (
        <>
          <Follow />
          <Attention />
        </>
      )}
      <div className="hidden min-w-0 flex-1 text-muted lg:block">
        {hasPage && <Duty />}
      </div>
      <div className="ml-auto flex min-w-0 items-center gap-1">
        <span className="hidden md:block">
          <button type="button" onClick={onPalette} className={clsx(buttonClass(), "text-muted")}>
            <Search size={14} aria-hidden /> Search or do <kbd className="font-mono text-xs">Ctrl K</kbd>
          </button>
        </span>
        <span className="md:hidden">
          <IconButton label="Search or do" icon={<Search size={18} />} onClick={onPalette} />
        </span>
        <PersonMenu />
      </div>
    </div>
  );
}

function PersonMenu() {
  const me = useMe();
  const router = useRouter();
  const leave = async () => {
    await signOut();
    await router.navigate({ to: "/login" });
  };
  return (
    <Menu
      trigger={
        <Button look="quiet" className="min-w-0 max-md:px-1.5">
          <span className="truncate">{me.name}</span>
        </Button>
      }
    >
      <MenuLabel>
        {me.tenant} · {me.role}
      </MenuLabel>
      <MenuItem onSelect={() => void router.navigate({ to: "/settings" })}>Settings</MenuItem>
      <MenuItem onSelect={() => void leave()}>Sign out</MenuItem>
    </Menu>
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
            {label}
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

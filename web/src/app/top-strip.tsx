/** Above every page: whose tenant this is, whether the page is live, whose turn it is, and the way to everything. */
import { useRouter } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Search } from "lucide-react";

import { Attention } from "@/live/attention";
import { LivePill } from "@/live/pill";
import { useLive } from "@/live/use-live";
import { signOut, useMe } from "@/session/me";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { useMedia } from "@/ui/media";
import { Menu, MenuItem, MenuLabel } from "@/ui/menu";

import { Duty, ShortDuty } from "./duty";
import { Logo } from "./logo";

/** What asks for itself begins to with the page, which has asked before. */
export function TopStrip({ hasPage, onPalette }: { hasPage: boolean; onPalette: () => void }) {
  const hasRoom = useMedia("(min-width: 64rem)");
  return (
    <div className="sticky top-0 z-20 flex min-h-12 items-center gap-x-3 border-b bg-bg px-4 py-1 md:px-6">
      <div className="md:hidden">
        <Logo isShort />
      </div>
      <Tenant />
      <LivePill />
      {hasPage && (
        <>
          <Follow />
          <Attention />
        </>
      )}
      <div className="min-w-0 flex-1 text-muted">{hasPage && (hasRoom ? <Duty /> : <ShortDuty />)}</div>
      <div className="flex max-w-1/2 min-w-0 shrink-0 items-center gap-1">
        {hasRoom ? (
          <button type="button" onClick={onPalette} className={clsx(buttonClass(), "text-muted")}>
            <Search size={14} aria-hidden /> Search or do <kbd className="font-mono text-xs">Ctrl K</kbd>
          </button>
        ) : (
          <IconButton label="Search or do" icon={<Search size={18} />} onClick={onPalette} />
        )}
        <PersonMenu />
      </div>
    </div>
  );
}

/** Whose system this is. On phones the menu of the person says it. */
function Tenant() {
  const { tenant } = useMe();
  return (
    <span title="Tenant" className="max-w-40 truncate font-medium max-md:hidden">
      <span className="sr-only">Tenant </span>
      {tenant}
    </span>
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

function Follow() {
  useLive();
  return null;
}

/** What can be done to an alert: in a row on wide screens, under the thumb on phones. */
import { MoreHorizontal } from "lucide-react";
import { useEffect, useRef, useState, type RefObject } from "react";

import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Menu, MenuItem } from "@/ui/menu";

import type { Verbs } from "./use-verbs";
import type { Offer } from "./verbs";

const IN_ROW = 4;
/** A menu gives the focus back as it closes; a dialog that opened earlier would lose it. */
const MENU_CLOSES_MS = 50;

/** A verb that was pressed may be gone with what it did; the focus stays among the others, and on none of them. */
function useKeptFocus(): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null);
  const wasInside = useRef(false);
  useEffect(() => {
    if (wasInside.current && document.activeElement === document.body) box.current?.focus({ preventScroll: true });
    wasInside.current = box.current?.contains(document.activeElement) ?? false;
  });
  useEffect(() => {
    const note = (event: Event) => {
      wasInside.current = event.target instanceof Node && (box.current?.contains(event.target) ?? false);
    };
    for (const kind of ["focusin", "pointerdown"]) document.addEventListener(kind, note);
    return () => {
      for (const kind of ["focusin", "pointerdown"]) document.removeEventListener(kind, note);
    };
  }, []);
  return box;
}

export function VerbRow({ verbs }: { verbs: Verbs }) {
  const box = useKeptFocus();
  const row = verbs.offers.slice(0, IN_ROW);
  const rest = verbs.offers.slice(IN_ROW);
  return (
    <div ref={box} tabIndex={-1} role="group" aria-label="What to do" className="hidden flex-wrap items-center gap-2 outline-none md:flex">
      {row.map((offer) => (
        <VerbButton key={offer.verb} offer={offer} act={verbs.act} />
      ))}
      {rest.length > 0 && (
        <Menu
          trigger={
            <Button>
              <MoreHorizontal size={16} aria-hidden /> More
            </Button>
          }
        >
          {rest.map((offer) => (
            <MenuItem key={offer.verb} onSelect={() => setTimeout(() => verbs.act(offer.verb), MENU_CLOSES_MS)} disabled={offer.refusal !== undefined}>
              <OfferWords offer={offer} />
            </MenuItem>
          ))}
        </Menu>
      )}
    </div>
  );
}

function VerbButton({ offer, act, className }: { offer: Offer; act: Verbs["act"]; className?: string }) {
  const isMain = offer.verb === "acknowledge";
  return (
    <Button look={isMain ? "ack" : "neutral"} {...(offer.key ? { hint: offer.key } : {})} className={className ?? (isMain ? "px-5 text-base" : "")} disabled={offer.refusal !== undefined} title={offer.refusal} onClick={() => act(offer.verb)}>
      {offer.label}
    </Button>
  );
}

function OfferWords({ offer }: { offer: Offer }) {
  return (
    <span className="flex w-full items-baseline justify-between gap-6">
      <span>
        {offer.label}
        {offer.refusal && <span className="block text-xs text-muted">{offer.refusal}</span>}
      </span>
      {offer.key && (
        <kbd aria-hidden className="hidden rounded border border-control px-1 font-mono text-xs text-muted md:inline">
          {offer.key}
        </kbd>
      )}
    </span>
  );
}

/** Stands above the main places of the shell, which are 56 px and one line high. */
export function ThumbBar({ verbs }: { verbs: Verbs }) {
  const [isOpen, setOpen] = useState(false);
  const box = useKeptFocus();
  const [main, ...rest] = verbs.offers;
  if (!main) return null;
  return (
    <>
      <div aria-hidden className="h-14 md:hidden" />
      <div ref={box} tabIndex={-1} role="group" aria-label="What to do" className="fixed outline-none inset-x-0 bottom-[calc(3.5rem+1px+env(safe-area-inset-bottom))] z-20 flex gap-2 border-t bg-bg p-2 md:hidden">
        <VerbButton offer={main} act={verbs.act} className="h-14 min-w-0 flex-1 text-base font-semibold" />
        <Button className="h-14 shrink-0 px-4" onClick={() => setOpen(true)} aria-haspopup="dialog">
          <MoreHorizontal size={20} aria-hidden /> More
        </Button>
      </div>
      {isOpen && (
        <Dialog isOpen onClose={() => setOpen(false)} title="What to do">
          <div className="grid gap-1">
            {rest.map((offer) => (
              <Button
                key={offer.verb}
                look="quiet"
                className="h-auto min-h-12 justify-start text-left text-base"
                disabled={offer.refusal !== undefined}
                onClick={() => {
                  setOpen(false);
                  verbs.act(offer.verb);
                }}
              >
                <OfferWords offer={offer} />
              </Button>
            ))}
          </div>
        </Dialog>
      )}
    </>
  );
}

import { Button } from "@/ui/button";

/** Rows that wait behind a press, while the list must not move. */
export function NewRows({ waiting, isMoved, onApply }: { waiting: number; isMoved: boolean; onApply: () => void }) {
  const words = waiting ? `${waiting.toLocaleString("en-GB")} new` : isMoved ? "Order changed" : null;
  return (
    <div aria-live="polite" className="pointer-events-none sticky top-24 z-20 -mb-2 flex h-0 justify-center">
      {words && (
        <Button look={waiting ? "ack" : "neutral"} className="pointer-events-auto h-9 rounded-full! shadow-xl" onClick={onApply}>
          {words}
          <span className="sr-only">: show the newest order</span>
        </Button>
      )}
    </div>
  );
}

/**
 * Putting a list into an order: by dragging a handle, by keys on it (space, arrows, escape), and by two buttons.
 *
 * While an item moves, its place is only painted (`order` of a grid), so that the handle keeps the pointer and the
 * focus; `onMove` is told once, when it is let go.
 */
import { clsx } from "clsx";
import { ArrowDown, ArrowUp, GripVertical } from "lucide-react";
import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";

import { IconButton } from "./button";
import { placesOf, slotAt } from "./order";

interface ReorderProps<T> {
  items: readonly T[];
  keyOf: (item: T) => string;
  /** How an item is read out: `rung 2`. */
  nameOf: (item: T, index: number) => string;
  onMove: (from: number, to: number) => void;
  /** What the list is of, for those who hear the page. */
  label: string;
  isDisabled?: boolean;
  className?: string;
  children: (item: T, index: number, grip: ReactNode) => ReactNode;
}

interface Flight {
  from: number;
  to: number;
  by: "keys" | "pointer";
}

export function Reorder<T>({ items, keyOf, nameOf, onMove, label, isDisabled = false, className, children }: ReorderProps<T>) {
  const list = useRef<HTMLOListElement>(null);
  const middles = useRef<number[]>([]);
  const [flight, setFlight] = useState<Flight | null>(null);
  const [said, say] = useState("");
  const count = items.length;
  const name = (index: number) => nameOf(items[index]!, index);
  const placeWords = (to: number) => `place ${to + 1} of ${count}`;

  const hover = (to: number) => {
    if (!flight || to === flight.to || to < 0 || to >= count) return;
    setFlight({ ...flight, to });
    say(`${name(flight.from)}: ${placeWords(to)}.`);
  };
  const drop = () => {
    if (!flight) return;
    say(`${name(flight.from)} put at ${placeWords(flight.to)}.`);
    setFlight(null);
    if (flight.from !== flight.to) move(flight.from, flight.to);
  };
  const cancel = () => {
    if (!flight) return;
    say(`${name(flight.from)} is back where it was.`);
    setFlight(null);
  };
  const move = (from: number, to: number) => {
    const key = keyOf(items[from]!);
    onMove(from, to);
    // The item is another node's neighbour now; whoever moved it by keys goes on from there.
    requestAnimationFrame(() => [...(list.current?.querySelectorAll<HTMLElement>("[data-grip]") ?? [])].find((each) => each.dataset["grip"] === key)?.focus());
  };

  const onKeyDown = (event: KeyboardEvent, index: number) => {
    if (!flight) {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      setFlight({ from: index, to: index, by: "keys" });
      say(`${name(index)} taken, ${placeWords(index)}. Arrow keys move it, space puts it down, escape puts it back.`);
      return;
    }
    const steps: Record<string, () => void> = { ArrowUp: () => hover(flight.to - 1), ArrowDown: () => hover(flight.to + 1), Home: () => hover(0), End: () => hover(count - 1), " ": drop, Enter: drop, Escape: cancel };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  };
  const onPointerDown = (event: PointerEvent<HTMLButtonElement>, index: number) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    middles.current = [...(list.current?.children ?? [])].map((each) => each.getBoundingClientRect()).map((box) => box.top + scrollY + box.height / 2);
    setFlight({ from: index, to: index, by: "pointer" });
  };

  const places = flight ? placesOf(count, flight.from, flight.to) : null;
  const grip = (item: T, index: number) => (
    <div className="flex shrink-0 items-center">
      <button
        type="button"
        data-grip={keyOf(item)}
        aria-label={`Move ${name(index)}`}
        title="Drag, or press space and the arrow keys"
        aria-pressed={flight?.from === index}
        disabled={isDisabled}
        className={clsx("target grid min-w-8 cursor-grab touch-none place-items-center rounded-md text-muted hover:bg-raised disabled:cursor-not-allowed disabled:opacity-55 pointer-coarse:min-w-11", flight?.from === index && "cursor-grabbing bg-raised text-text")}
        onKeyDown={(event) => onKeyDown(event, index)}
        onBlur={() => flight?.by === "keys" && drop()}
        onPointerDown={(event) => onPointerDown(event, index)}
        onPointerMove={(event) => flight?.by === "pointer" && hover(slotAt(event.clientY + scrollY, middles.current, flight.from))}
        onPointerUp={() => flight?.by === "pointer" && drop()}
        onPointerCancel={() => flight?.by === "pointer" && cancel()}
      >
        <GripVertical size={16} aria-hidden />
      </button>
      <IconButton label={`Move ${name(index)} up`} icon={<ArrowUp size={16} />} disabled={isDisabled || index === 0} onClick={() => onMove(index, index - 1)} className="px-1" />
      <IconButton label={`Move ${name(index)} down`} icon={<ArrowDown size={16} />} disabled={isDisabled || index === count - 1} onClick={() => onMove(index, index + 1)} className="px-1" />
    </div>
  );

  return (
    <>
      <ol ref={list} aria-label={label} className={clsx("grid", className)}>
        {items.map((item, index) => (
          <li key={keyOf(item)} style={{ order: places?.[index] ?? index }} className={clsx("min-w-0 rounded-lg", flight?.from === index && "relative z-10 opacity-80 outline-2 outline-offset-1 outline-(--accent) outline-dashed")}>
            {children(item, index, grip(item, index))}
          </li>
        ))}
      </ol>
      <p role="status" aria-live="assertive" className="sr-only">
        {said}
      </p>
    </>
  );
}

/** One thing out of many, found by typing: a combobox with a list below it. */
import { clsx } from "clsx";
import { Search } from "lucide-react";
import { useId, useState, type KeyboardEvent } from "react";

import { INPUT } from "./field";

export interface Choice {
  value: string;
  label: string;
  /** Small, behind the label. */
  detail?: string;
  group?: string;
}

interface PickerProps {
  label: string;
  choices: readonly Choice[];
  onPick: (value: string) => void;
  placeholder?: string;
  /** For choices that a server finds: told what is typed; `choices` are then shown as they come. */
  onSearch?: (words: string) => void;
  /** What is said when nothing fits. */
  nothing?: string;
  isInvalid?: boolean;
  isDisabled?: boolean;
}

const MOST = 50;

export function Picker({ label, choices, onPick, placeholder, onSearch, nothing = "Nothing fits.", isInvalid, isDisabled }: PickerProps) {
  const id = useId();
  const [words, setWords] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const shown = (onSearch ? choices : fitting(choices, words)).slice(0, MOST);
  const current = Math.min(at, shown.length - 1);

  const type = (next: string) => {
    setWords(next);
    setOpen(true);
    setAt(0);
    onSearch?.(next);
  };
  const pick = (choice: Choice | undefined) => {
    if (!choice) return;
    onPick(choice.value);
    setWords("");
    onSearch?.("");
    setOpen(false);
  };
  const go = (to: number) => {
    setOpen(true);
    setAt(to);
    document.getElementById(`${id}-${to}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = shown.length - 1;
    const steps: Record<string, () => void> = {
      ArrowDown: () => go(isOpen ? (current + 1) % Math.max(shown.length, 1) : 0),
      ArrowUp: () => go(current > 0 ? current - 1 : last),
    };
    if (isOpen) {
      steps["Enter"] = () => pick(shown[current]);
      steps["Escape"] = () => setOpen(false);
    }
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  };

  return (
    <div className="relative min-w-0" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setOpen(false)}>
      <Search size={14} aria-hidden className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-muted" />
      <input
        role="combobox"
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && shown.length > 0 ? `${id}-${current}` : undefined}
        aria-invalid={isInvalid || undefined}
        autoComplete="off"
        disabled={isDisabled}
        placeholder={placeholder ?? label}
        value={words}
        onChange={(event) => type(event.target.value)}
        onClick={() => setOpen(true)}
        onKeyDown={onKeyDown}
        className={clsx(INPUT, "pl-9")}
      />
      <div className={clsx("absolute inset-x-0 top-full z-30 mt-1 max-h-64 overflow-y-auto rounded-lg border border-control bg-card p-1 shadow-xl", !isOpen && "hidden")}>
        <ul id={`${id}-list`} role="listbox" aria-label={label} tabIndex={-1}>
          {shown.map((choice, index) => (
            <li
              key={choice.value}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === current}
              // The mouse goes down before the field loses the focus and the list goes.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => pick(choice)}
              onMouseMove={() => setAt(index)}
              className="cursor-pointer"
            >
              {choice.group && choice.group !== shown[index - 1]?.group && <span className="block px-2 pt-2 pb-0.5 text-xs text-muted">{choice.group}</span>}
              <span className={clsx("target flex flex-wrap items-center gap-x-2 rounded px-2", index === current && "bg-raised")}>
                <span className="wrap-anywhere">{choice.label}</span>
                {choice.detail && <span className="text-xs text-muted wrap-anywhere">{choice.detail}</span>}
              </span>
            </li>
          ))}
        </ul>
        {shown.length === 0 && <p className="px-2 py-1.5 text-muted">{nothing}</p>}
      </div>
    </div>
  );
}

/** Choices in which every typed word occurs. */
function fitting(choices: readonly Choice[], words: string): readonly Choice[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  return choices.filter((choice) => {
    const text = `${choice.label} ${choice.detail ?? ""} ${choice.group ?? ""}`.toLocaleLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

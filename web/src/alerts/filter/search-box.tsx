import { Search } from "lucide-react";
import { useEffect, useRef, useState, type Ref } from "react";

import { INPUT } from "@/ui/field";

const REST_MS = 250;

interface SearchBoxProps {
  words: string;
  onChange: (words: string) => void;
  inputRef: Ref<HTMLInputElement>;
}

/** Words of titles and descriptions. Asked for when the typing rests; Enter asks at once, Escape goes back to the rows. */
export function SearchBox({ words, onChange, inputRef }: SearchBoxProps) {
  const [typed, setTyped] = useState(words);
  const said = useRef(words);
  useEffect(() => {
    // The URL changed by other means: a view, a chip, the way back.
    if (words !== said.current) {
      said.current = words;
      setTyped(words);
    }
  }, [words]);
  const say = (next: string) => {
    if (next.trim() === said.current) return;
    said.current = next.trim();
    onChange(next.trim());
  };
  useEffect(() => {
    const timer = setTimeout(() => say(typed), REST_MS);
    return () => clearTimeout(timer);
  });
  return (
    <form
      role="search"
      className="relative min-w-0 flex-1 max-sm:order-first max-sm:basis-full sm:max-w-md"
      onSubmit={(event) => {
        event.preventDefault();
        say(typed);
      }}
    >
      <Search size={16} aria-hidden className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-muted" />
      <input
        ref={inputRef}
        type="search"
        aria-label="Search alerts"
        placeholder="Search titles and descriptions"
        title='All of the words; "a phrase", or, -not'
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && !typed && event.currentTarget.blur()}
        className={`${INPUT} pl-9`}
        enterKeyHint="search"
        autoComplete="off"
        spellCheck={false}
      />
    </form>
  );
}

import { cut } from "./spans";

/** A text with the words marked that were looked for. It is text: markup in it is shown, not obeyed. */
export function Marked({ text, spans }: { text: string; spans: ReadonlyArray<{ start: number; end: number }> }) {
  return cut(text, spans).map((piece, index) =>
    piece.isMarked ? (
      <mark key={index} className="rounded-xs bg-accent-soft font-semibold text-accent">
        {piece.text}
      </mark>
    ) : (
      <span key={index}>{piece.text}</span>
    ),
  );
}

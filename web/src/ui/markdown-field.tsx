import { clsx } from "clsx";
import { useDeferredValue, useState, type ComponentProps } from "react";

import { Button } from "./button";
import { TextArea } from "./field";
import { Markdown } from "./markdown";

interface MarkdownFieldProps extends ComponentProps<"textarea"> {
  label: string;
  hint?: string;
  error?: string | undefined;
  /** What is typed now, for the preview. */
  text: string;
}

/** A text in markdown, with what it becomes beside it (below it on a phone) when that is asked for. */
export function MarkdownField({ label, text, ...rest }: MarkdownFieldProps) {
  const [isShown, setShown] = useState(false);
  const shown = useDeferredValue(text);
  return (
    <div className="grid min-w-0 gap-1">
      <div className={clsx("grid min-w-0 gap-3", isShown && "lg:grid-cols-2")}>
        <TextArea label={label} className="min-w-0" {...rest} />
        {isShown && (
          <section aria-label={`${label}: preview`} className="grid min-w-0 content-start gap-1">
            <p className="text-muted">Preview</p>
            <div className="rounded-md border border-dashed border-control p-3">{shown.trim() ? <Markdown text={shown} /> : <p className="text-muted">Nothing written yet.</p>}</div>
          </section>
        )}
      </div>
      <div>
        <Button look="quiet" onClick={() => setShown(!isShown)} aria-label={`${isShown ? "Hide preview" : "Preview"} of ${label.toLowerCase()}`}>
          {isShown ? "Hide preview" : "Preview"}
        </Button>
      </div>
    </div>
  );
}

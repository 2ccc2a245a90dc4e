import { Check, Copy } from "lucide-react";
import { useState } from "react";

import { IconButton } from "./button";
import { toast } from "./toast";

/** Copies a text and says so. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2_000);
    } catch {
      toast.failed("The browser does not let this page copy. Select the text and copy it by hand.");
    }
  };
  return <IconButton label={isCopied ? "Copied" : label} icon={isCopied ? <Check size={16} /> : <Copy size={16} />} onClick={() => void copy()} />;
}

/** A command or a text for machines, with a button that copies it. */
export function Snippet({ text, label }: { text: string; label?: string }) {
  return (
    <div className="flex min-w-0 items-start gap-1 rounded-md border bg-sunken pl-3">
      <pre tabIndex={0} className="min-w-0 flex-1 overflow-x-auto py-2 text-left font-mono text-xs">{text}</pre>
      <CopyButton text={text} label={label ?? "Copy"} />
    </div>
  );
}

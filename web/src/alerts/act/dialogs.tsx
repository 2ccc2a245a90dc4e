/**
 * The small dialogs that ask for the rest of a command. Each is there while it is open, takes what it is about in words
 * (“Disk full”, 4 alerts), and gives back what was typed; sending is its caller's.
 */
import { useState, type FormEvent, type ReactNode } from "react";

import { useNow } from "@/time/clock";
import { inputOf, instantOf } from "@/time/local-input";
import { localZone, moment, zoneName } from "@/time/words";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { CheckField, TextArea, TextField } from "@/ui/field";

import { useFocusBack } from "./focus-back";
import { snoozeError, snoozeTimes } from "./snooze-times";

interface Shared {
  /** What it is done to, in words. */
  subject: string;
  onClose: () => void;
}

/** Ends with the main button; Ctrl+Enter does the same from a text. */
function Form({ onSubmit, onClose, action, children }: { onSubmit: () => void; onClose: () => void; action: string; children: ReactNode }) {
  useFocusBack();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form
      noValidate
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
      }}
    >
      <div className="grid gap-4">{children}</div>
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="ack">
          {action}
        </Button>
      </DialogButtons>
    </form>
  );
}

interface ResolveProps extends Shared {
  /** The title of what the knowledge base said, so that it can be marked as what helped. */
  known?: string | undefined;
  /** `didHelp`: that is marked. */
  onResolve: (resolution: string | null, didHelp: boolean) => void;
}

export function ResolveDialog({ subject, known, onClose, onResolve }: ResolveProps) {
  const [text, setText] = useState("");
  const [didHelp, setDidHelp] = useState(false);
  const resolve = () => {
    const words = [didHelp && known ? `The known solution fixed it: ${known}.` : "", text.trim()].filter(Boolean).join("\n");
    onResolve(words || null, didHelp);
    onClose();
  };
  return (
    <Dialog isOpen onClose={onClose} title="Resolve" lead={subject}>
      <Form onSubmit={resolve} onClose={onClose} action="Resolve">
        {known && <CheckField label="The known solution fixed it" hint={known} checked={didHelp} onChange={(event) => setDidHelp(event.target.checked)} />}
        <TextArea autoFocus label="What fixed it?" hint="One sentence is enough. It is what the next person reads when this happens again." value={text} onChange={(event) => setText(event.target.value)} maxLength={10_000} />
      </Form>
    </Dialog>
  );
}

export function SnoozeDialog({ subject, onClose, onSnooze }: Shared & { onSnooze: (until: string) => void }) {
  const now = useNow();
  const [opened] = useState(now);
  const [own, setOwn] = useState(() => inputOf(opened + 2 * 3_600_000));
  const [error, setError] = useState<string | null>(null);
  const give = (until: string) => {
    onSnooze(until);
    onClose();
  };
  const giveOwn = () => {
    const wrong = snoozeError(own, now);
    setError(wrong);
    if (!wrong) give(instantOf(own)!);
  };
  return (
    <Dialog isOpen onClose={onClose} title="Snooze" lead={subject}>
      <p className="mb-3 text-muted">Nobody is paged until then. What still fires then is judged again, and pages at once.</p>
      <div className="mb-4 grid grid-cols-2 gap-2">
        {snoozeTimes(now, localZone).map(({ label, until }, place) => (
          <Button key={label} autoFocus={place === 0} onClick={() => give(until)} className="h-auto flex-col gap-0! py-2">
            <span className="font-medium">{label}</span>
            <span className="text-xs text-muted">{moment(until)}</span>
          </Button>
        ))}
      </div>
      <Form onSubmit={giveOwn} onClose={onClose} action="Snooze until then">
        <TextField type="datetime-local" label="A time of your own" hint={`In ${localZone}${zoneName(now, localZone) === localZone ? "" : ` (${zoneName(now, localZone)})`}`} error={error ?? undefined} value={own} onChange={(event) => setOwn(event.target.value)} />
      </Form>
    </Dialog>
  );
}

export function CommentDialog({ subject, onClose, onComment }: Shared & { onComment: (text: string) => void }) {
  const [text, setText] = useState("");
  const [error, setError] = useState<string>();
  const give = () => {
    if (!text.trim()) return setError("Write something first.");
    onComment(text.trim());
    onClose();
  };
  return (
    <Dialog isOpen onClose={onClose} title="Comment" lead={subject}>
      <Form onSubmit={give} onClose={onClose} action="Add to the timeline">
        <TextArea autoFocus label="Words for the timeline" error={error} value={text} onChange={(event) => setText(event.target.value)} maxLength={10_000} />
      </Form>
    </Dialog>
  );
}

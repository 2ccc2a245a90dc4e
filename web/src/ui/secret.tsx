import { Button } from "./button";
import { Snippet } from "./copy";
import { Dialog, DialogButtons } from "./dialog";

interface SecretOnceProps {
  title: string;
  /** Label → secret. */
  secrets: ReadonlyArray<readonly [string, string]> | null;
  onClose: () => void;
}

/** What the server tells this once. */
export function SecretOnce({ title, secrets, onClose }: SecretOnceProps) {
  return (
    <Dialog isOpen={secrets !== null} onClose={onClose} title={title} lead="Shown this once. Copy it to where it belongs before you close this.">
      <div className="grid gap-3">
        {secrets?.map(([label, secret]) => (
          <div key={label}>
            <p className="mb-1 font-medium">{label}</p>
            <Snippet text={secret} label={`Copy ${label}`} />
          </div>
        ))}
      </div>
      <DialogButtons>
        <Button look="ack" onClick={onClose}>
          I have it
        </Button>
      </DialogButtons>
    </Dialog>
  );
}

import { Button } from "@/ui/button";
import { Snippet } from "@/ui/copy";
import { Dialog, DialogButtons } from "@/ui/dialog";

/** A secret, this once. */
export function SecretDialog({ name, secret, onClose }: { name: string; secret: string; onClose: () => void }) {
  return (
    <Dialog isOpen onClose={onClose} title={`The secret of ${name}`} lead="It is shown this once and never again. Keep it where the receiver checks signatures.">
      <Snippet text={secret} label="Copy the secret" />
      <DialogButtons>
        <Button look="ack" onClick={onClose}>
          I have kept it
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
